#include "api/cli/book_follower.h"

#include "google/protobuf/descriptor.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

const pb::FieldDescriptor* FieldOf(const pb::Message& message, const char* name) { return message.GetDescriptor()->FindFieldByName(name); }

}  // namespace

std::unique_ptr<pb::Message> BookFollower::Follow(const pb::Message& update) {
  if (update.GetReflection()->GetBool(update, FieldOf(update, "snapshot"))) {
    bids_.clear();
    asks_.clear();
  }
  Take(update, "bids", -1, &bids_);
  Take(update, "asks", 1, &asks_);
  std::unique_ptr<pb::Message> book(update.New());
  book->CopyFrom(update);
  Write(bids_, "bids", -1, book.get());
  Write(asks_, "asks", 1, book.get());
  return book;
}

void BookFollower::Take(const pb::Message& update, const char* side, int64_t sign, Levels* levels) {
  const pb::FieldDescriptor* field = FieldOf(update, side);
  for (int i = 0; i < update.GetReflection()->FieldSize(update, field); ++i) {
    const pb::Message& level = update.GetReflection()->GetRepeatedMessage(update, field, i);
    const pb::Reflection* r = level.GetReflection();
    const int64_t price = sign * r->GetInt64(level, FieldOf(level, "price_fen"));
    const int32_t orders = r->GetInt32(level, FieldOf(level, "orders"));
    if (orders == 0) {
      levels->erase(price);
    } else {
      (*levels)[price] = {r->GetInt64(level, FieldOf(level, "quantity")), orders};
    }
  }
}

void BookFollower::Write(const Levels& levels, const char* side, int64_t sign, pb::Message* book) {
  const pb::FieldDescriptor* field = FieldOf(*book, side);
  book->GetReflection()->ClearField(book, field);
  for (const auto& [price, level] : levels) {
    pb::Message* out = book->GetReflection()->AddMessage(book, field);
    out->GetReflection()->SetInt64(out, FieldOf(*out, "price_fen"), sign * price);
    out->GetReflection()->SetInt64(out, FieldOf(*out, "quantity"), level.quantity);
    out->GetReflection()->SetInt32(out, FieldOf(*out, "orders"), level.orders);
  }
}

}  // namespace songhua::api::cli
