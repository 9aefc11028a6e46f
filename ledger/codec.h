// The fixed encoding of everything Songhua keeps or hashes: rows, journal records, events.
//
// Integers are little-endian and of fixed width; byte strings carry a 32-bit length; a list carries a 32-bit count. One value has one
// encoding, which depends on no library's version, so digests taken over it stay comparable for as long as the format lives. Keys
// use KeyEncoder, whose big-endian integers sort as bytes in the order of their values.
//
// A row type describes itself once and gains both directions:
//
//   struct Site {
//     std::string id;
//     Quantity permitted;
//     template <class Archive> void Fields(Archive& a) { a(id, permitted); }
//   };
//   std::string bytes = EncodeValue(site);
//   absl::Status s = DecodeValue(bytes, &site);      // DATA_LOSS when the bytes are not exactly one Site
#ifndef SONGHUA_LEDGER_CODEC_H_
#define SONGHUA_LEDGER_CODEC_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"

namespace songhua {

class Encoder;
class Decoder;

namespace codec_internal {
template <class T, class = void>
struct HasFields : std::false_type {};
template <class T>
struct HasFields<T, std::void_t<decltype(std::declval<T&>().Fields(std::declval<Encoder&>()))>> : std::true_type {};

// Strong integers (Quantity, Timestamp, ...) offer value() and are built explicitly from that value.
template <class T, class = void>
struct IsStrongInteger : std::false_type {};
template <class T>
struct IsStrongInteger<T, std::void_t<decltype(std::declval<const T&>().value())>>
    : std::bool_constant<std::is_integral_v<std::decay_t<decltype(std::declval<const T&>().value())>>> {};

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// The length of a type's encoding where all its values have the same; otherwise 0.
template <class T>
constexpr size_t FixedLength() {
  if constexpr (std::is_same_v<T, bool>) {
    return 1;
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    return sizeof(T);
  } else if constexpr (IsStrongInteger<T>::value) {
    return sizeof(std::declval<const T&>().value());
  } else {
    return 0;
  }
}
}  // namespace codec_internal

// Appends values to a caller's buffer, so that a group of rows shares one allocation.
class Encoder {
 public:
  explicit Encoder(std::string* out) : out_(out) {}

  // Neighbours of fixed length are put side by side first and appended together.
  template <class... T>
  void operator()(const T&... values) {
    char run[(codec_internal::FixedLength<T>() + ... + 1)];
    char* end = run;
    (
        [&] {
          if constexpr (codec_internal::FixedLength<T>() > 0) {
            end = Put(end, values);
          } else {
            out_->append(run, static_cast<size_t>(end - run));
            end = run;
            Write(values);
          }
        }(),
        ...);
    out_->append(run, static_cast<size_t>(end - run));
  }

 private:
  template <class T>
  static char* Put(char* at, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      *at = value ? 1 : 0;
    } else if constexpr (codec_internal::IsStrongInteger<T>::value) {
      return Put(at, value.value());
    } else {
      std::memcpy(at, &value, sizeof(T));  // every supported machine is little-endian (checked below)
    }
    return at + codec_internal::FixedLength<T>();
  }

  template <class T>
  void Write(const T& value) {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
      (*this)(static_cast<uint32_t>(value.size()));
      out_->append(value.data(), value.size());
    } else if constexpr (codec_internal::IsVector<T>::value) {
      (*this)(static_cast<uint32_t>(value.size()));
      for (const auto& element : value) (*this)(element);
    } else if constexpr (std::is_same_v<T, std::array<uint8_t, 32>>) {
      out_->append(reinterpret_cast<const char*>(value.data()), value.size());
    } else {
      static_assert(codec_internal::HasFields<T>::value, "give the type a Fields(archive) member");
      const_cast<T&>(value).Fields(*this);
    }
  }

  std::string* out_;
};

// Reads values back. A short or malformed input sets ok() to false, after which every further read yields zero values.
class Decoder {
 public:
  explicit Decoder(std::string_view in) : in_(in) {}

  template <class... T>
  void operator()(T&... values) {
    (Read(values), ...);
  }

  bool ok() const { return ok_; }
  // True when everything was read and nothing is left over.
  bool done() const { return ok_ && in_.empty(); }

 private:
  bool Take(size_t n, const char** data) {
    if (!ok_ || in_.size() < n) {
      ok_ = false;
      return false;
    }
    *data = in_.data();
    in_.remove_prefix(n);
    return true;
  }

  template <class T>
  void Read(T& value) {
    const char* data = nullptr;
    if constexpr (std::is_same_v<T, std::string>) {
      uint32_t size = 0;
      Read(size);
      if (Take(size, &data)) value.assign(data, size);
    } else if constexpr (codec_internal::IsVector<T>::value) {
      uint32_t count = 0;
      Read(count);
      value.clear();
      for (uint32_t i = 0; ok_ && i < count; ++i) {  // grows with what is really there, not with what `count` claims
        value.emplace_back();
        Read(value.back());
      }
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> raw{};
      Read(raw);
      value = static_cast<T>(raw);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!Take(1, &data)) return;
      if (*data != 0 && *data != 1) ok_ = false;
      value = *data == 1;
    } else if constexpr (std::is_integral_v<T>) {
      value = 0;
      if (Take(sizeof(T), &data)) std::memcpy(&value, data, sizeof(T));
    } else if constexpr (codec_internal::IsStrongInteger<T>::value) {
      std::decay_t<decltype(value.value())> raw{};
      Read(raw);
      value = T(raw);
    } else if constexpr (std::is_same_v<T, std::array<uint8_t, 32>>) {
      if (Take(32, &data)) std::memcpy(value.data(), data, 32);
    } else {
      static_assert(codec_internal::HasFields<T>::value, "give the type a Fields(archive) member");
      value.Fields(*this);
    }
  }

  std::string_view in_;
  bool ok_ = true;
};

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the encoding is little-endian");

template <class T>
std::string EncodeValue(const T& value) {
  std::string out;
  Encoder encoder(&out);
  encoder(value);
  return out;
}

template <class T>
absl::Status DecodeValue(std::string_view bytes, T* value) {
  Decoder decoder(bytes);
  decoder(*value);
  if (!decoder.done()) return absl::DataLossError("malformed encoding");
  return absl::OkStatus();
}

// Appends one part of a composite key. Integers sort by value (signed ones are biased); a string is terminated by a zero byte, so it must
// hold none (identifiers never do).
class KeyEncoder {
 public:
  explicit KeyEncoder(std::string* out) : out_(out) {}

  template <class... T>
  void operator()(const T&... parts) {
    char run[(codec_internal::FixedLength<T>() + ... + 1)];
    char* end = run;
    (
        [&] {
          if constexpr (codec_internal::FixedLength<T>() > 0) {
            end = Put(end, parts);
          } else {
            out_->append(run, static_cast<size_t>(end - run));
            end = run;
            const std::string_view text = parts;
            out_->append(text.data(), text.size());
            out_->push_back('\0');
          }
        }(),
        ...);
    out_->append(run, static_cast<size_t>(end - run));
  }

 private:
  template <class T>
  static char* Put(char* at, const T& part) {
    if constexpr (std::is_enum_v<T>) {
      return Put(at, static_cast<std::underlying_type_t<T>>(part));
    } else if constexpr (codec_internal::IsStrongInteger<T>::value) {
      return Put(at, part.value());
    } else {
      using Unsigned = std::make_unsigned_t<T>;
      Unsigned bits = static_cast<Unsigned>(part);
      if constexpr (std::is_signed_v<T>) bits ^= static_cast<Unsigned>(Unsigned{1} << (8 * sizeof(T) - 1));
      for (size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<char>(bits >> (8 * (sizeof(T) - 1 - i)));
      return at + sizeof(T);
    }
  }

  std::string* out_;
};

template <class... T>
std::string EncodeKey(const T&... parts) {
  std::string out;
  KeyEncoder encoder(&out);
  encoder(parts...);
  return out;
}

}  // namespace songhua

#endif  // SONGHUA_LEDGER_CODEC_H_
