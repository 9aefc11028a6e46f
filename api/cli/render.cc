#include "api/cli/render.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>

#include "api/cli/schema.h"
#include "api/cli/table.h"
#include "api/cli/text.h"
#include "ledger/check.h"
#include "ledger/legal_time.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;
using Scale = std::optional<UnitScale>;

constexpr size_t kCellItemsMax = 3;  // of a repeated field in one cell of a table

// Fields that count units.
bool ShowsQuantity(const Field* field) {
  static constexpr std::array<std::string_view, 18> kNames = {"available",
                                                              "offered",
                                                              "posted",
                                                              "held",
                                                              "change",
                                                              "balance",
                                                              "issued",
                                                              "surrendered",
                                                              "cancelled",
                                                              "lapsed",
                                                              "extinguished",
                                                              "reclaimed",
                                                              "converted",
                                                              "lot_size",
                                                              "session_volume",
                                                              "verified_emissions",
                                                              "cumulative_surrenders",
                                                              "cumulative_emissions"};
  if (field->cpp_type() != Field::CPPTYPE_INT64) return false;
  return field->name().find("quantity") != std::string::npos || std::find(kNames.begin(), kNames.end(), field->name()) != kNames.end();
}

// Numbers that name something rather than count it: written without separators.
bool IsLabel(const std::string& name) {
  static constexpr std::array<std::string_view, 9> kNames = {"year",   "vintage", "first_year", "last_year", "sequence",
                                                             "number", "start",   "end",        "version"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Units of a vintage are plain tonnes, also where the right they come from is counted a year.
bool CountsVintages(const std::string& type) {
  return type == "YearQuantity" || type == "Holding" || type == "Posting" || type == "Instrument" || type == "ComplianceYear";
}

Scale ScaleOf(const pb::Message& message, Units* units, const Scale& inherited) {
  Scale scale = units->Of(message);
  if (!scale.has_value()) scale = inherited;
  if (scale.has_value() && CountsVintages(message.GetDescriptor()->name())) scale->a_year = false;
  return scale;
}

// Without the unit, which stands with the value.
std::string PlainName(const Field* field) {
  const std::string& name = field->name();
  return name.ends_with("_fen") || name.ends_with("_bps") ? name.substr(0, name.size() - 4) : name;
}

std::string Heading(const Field* field) {
  const std::string name = UpperCase(Words(PlainName(field)));
  return field->name().ends_with("_fen") ? name + " CNY" : name;
}

bool IsNumber(const Field* field) {
  return !field->is_repeated() && !IsMessage(field) && field->cpp_type() != Field::CPPTYPE_STRING &&
         field->cpp_type() != Field::CPPTYPE_ENUM && field->cpp_type() != Field::CPPTYPE_BOOL;
}

std::string FormatNumber(int64_t value, const Field* field, const Scale& scale) {
  const std::string& name = field->name();
  if (name.ends_with("_fen")) return Decimal(value, 2, 2);
  if (name.ends_with("_bps")) return Decimal(value, 2, 0) + "%";
  if (ShowsQuantity(field)) return FormatQuantity(value, scale);
  return IsLabel(name) ? std::to_string(value) : Thousands(value);
}

// Bytes are for programs; people can at least compare them.
std::string HexOf(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) hex += {kDigits[static_cast<unsigned char>(c) >> 4], kDigits[static_cast<unsigned char>(c) & 15]};
  return hex;
}

std::string FormatMessage(const pb::Message& message, Units* units, const Scale& inherited);

// One value; `index` counts within repeated fields and is -1 elsewhere.
std::string FormatValue(const pb::Message& message, const Field* field, int index, Units* units, const Scale& scale) {
  const pb::Reflection* r = message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case Field::CPPTYPE_MESSAGE: {
      if (one && !r->HasField(message, field)) return "";
      const pb::Message& child = one ? r->GetMessage(message, field) : r->GetRepeatedMessage(message, field, index);
      return IsTimestamp(field) ? FormatTime(child) : FormatMessage(child, units, scale);
    }
    case Field::CPPTYPE_STRING: {
      const std::string text = one ? r->GetString(message, field) : r->GetRepeatedString(message, field, index);
      return field->type() == Field::TYPE_BYTES ? HexOf(text) : text;
    }
    case Field::CPPTYPE_ENUM: {
      const pb::EnumValueDescriptor* value = one ? r->GetEnum(message, field) : r->GetRepeatedEnum(message, field, index);
      return value->number() == 0 ? "" : value->name();
    }
    case Field::CPPTYPE_BOOL:
      return (one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index)) ? "yes" : "no";
    case Field::CPPTYPE_INT64:
      return FormatNumber(one ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, index), field, scale);
    case Field::CPPTYPE_INT32:
      return FormatNumber(one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index), field, scale);
    case Field::CPPTYPE_UINT32:
      return FormatNumber(one ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, index), field, scale);
    case Field::CPPTYPE_UINT64: {
      const uint64_t value = one ? r->GetUInt64(message, field) : r->GetRepeatedUInt64(message, field, index);
      return value <= INT64_MAX ? FormatNumber(static_cast<int64_t>(value), field, scale) : std::to_string(value);
    }
    default:
      return "";
  }
}

// "2026-2030: 12 t, 2031: 0.1 t": years that follow each other with the same quantity are one.
std::string FormatYears(const pb::Message& message, const Field* field, const Scale& scale) {
  Scale of_vintage = scale;
  if (of_vintage.has_value()) of_vintage->a_year = false;
  struct Run {
    int32_t first, last;
    int64_t quantity;
  };
  std::vector<Run> runs;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    const pb::Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
    const int32_t year = entry.GetReflection()->GetInt32(entry, entry.GetDescriptor()->FindFieldByName("year"));
    const int64_t quantity = entry.GetReflection()->GetInt64(entry, entry.GetDescriptor()->FindFieldByName("quantity"));
    if (!runs.empty() && runs.back().last + 1 == year && runs.back().quantity == quantity) {
      runs.back().last = year;
    } else {
      runs.push_back({year, year, quantity});
    }
  }
  std::vector<std::string> parts;
  for (const Run& run : runs) {
    const std::string years =
        run.first == run.last ? std::to_string(run.first) : std::to_string(run.first) + "-" + std::to_string(run.last);
    parts.push_back(years + ": " + FormatQuantity(run.quantity, of_vintage));
  }
  return Join(parts, ", ");
}

// A field in one line; of a repeated one the first few, unless `most` is 0.
std::string FormatField(const pb::Message& message, const Field* field, size_t most, Units* units, const Scale& scale) {
  if (!field->is_repeated()) return FormatValue(message, field, -1, units, scale);
  if (IsMessage(field) && field->message_type()->name() == "YearQuantity") return FormatYears(message, field, scale);
  const int size = message.GetReflection()->FieldSize(message, field);
  std::string out;
  for (int i = 0; i < size; ++i) {
    if (most != 0 && static_cast<size_t>(i) == most) return out + ", and " + std::to_string(size - i) + " more";
    if (i > 0) out += ", ";
    out += FormatValue(message, field, i, units, scale);
  }
  return out;
}

// Sums of several kinds, of which a bare number would not say what it is.
bool HasManyNumbers(const pb::Descriptor* type) {
  int numbers = 0;
  for (int i = 0; i < type->field_count(); ++i) numbers += IsNumber(type->field(i));
  return numbers > 3;
}

// A small message in one line: "issuances/3 1-500", "PLEDGE 40 t/a pledges/3 rank 1", "LISTED trades 8 quantity 44 t/a turnover 929,500.00".
std::string FormatMessage(const pb::Message& message, Units* units, const Scale& inherited) {
  const pb::Descriptor* type = message.GetDescriptor();
  const bool named = HasManyNumbers(type);
  const Scale scale = ScaleOf(message, units, inherited);
  std::string out;
  for (int i = 0; i < type->field_count(); ++i) {
    if (named && IsNumber(type->field(i)) && !message.GetReflection()->HasField(message, type->field(i))) continue;
    std::string value = FormatField(message, type->field(i), 0, units, scale);
    if (value.empty()) continue;
    if (named && IsNumber(type->field(i))) value = LowerCase(Words(PlainName(type->field(i)))) + " " + value;
    if (type->field(i)->name() == "rank") value = value == "0" ? "" : "rank " + value;
    if (value.empty()) continue;
    if (!out.empty()) out += type->name() == "SerialBlock" && type->field(i)->name() == "end" ? "-" : " ";
    out += value;
  }
  return out;
}

// A zero says something of an amount or a fee, nothing of a year, a number, a price that is not there yet, or the part that an order shows which shows all.
bool ZeroSaysNothing(const Field* field) {
  const std::string& name = field->name();
  if (name == "display_quantity") return true;
  return !ShowsQuantity(field) && !name.ends_with("amount_fen") && !name.ends_with("fee_fen") && field->cpp_type() != Field::CPPTYPE_BOOL;
}

// Prices and terms, of which a zero says that there are none.
bool IsPrice(const Field* field) {
  const std::string& name = field->name();
  return name == "principal_fen" || (name.ends_with("_fen") && (name.find("price") != std::string::npos || name.compare(0, 5, "band_") == 0));
}

bool IsMessageList(const Field* field) { return field->is_repeated() && IsMessage(field); }

// What a list shows of wide things unless its view says otherwise; `get` and --json show all.
std::vector<std::string> DefaultColumns(const std::string& type) {
  if (type == "Lot")
    return {"name", "account", "pollutant", "quantity", "available", "valid_from", "valid_to", "blocks", "source", "encumbrances"};
  if (type == "Program") return {"name", "display_name", "form", "unit", "pollutants", "first_year", "last_year", "floor_policy"};
  return {};
}

void PrintList(const pb::Message& parent, const Field* field, const View& view, size_t indent, Units* units, const Scale& inherited,
               std::ostream& out) {
  const pb::Descriptor* type = field->message_type();
  std::vector<const Field*> fields;
  for (const std::string& name : view.columns.empty() ? DefaultColumns(type->name()) : view.columns) {
    if (const Field* column = type->FindFieldByName(name)) fields.push_back(column);
  }
  if (fields.empty()) {
    for (int i = 0; i < type->field_count(); ++i) fields.push_back(type->field(i));
  }
  // A column in which nothing but defaults stand says nothing.
  const int size = parent.GetReflection()->FieldSize(parent, field);
  std::erase_if(fields, [&](const Field* column) {
    for (int i = 0; i < size; ++i) {
      const pb::Message& row = parent.GetReflection()->GetRepeatedMessage(parent, field, i);
      if (column->is_repeated() ? row.GetReflection()->FieldSize(row, column) > 0 : row.GetReflection()->HasField(row, column))
        return false;
    }
    return true;
  });
  std::vector<Column> columns;
  for (const Field* column : fields) columns.push_back({Heading(column), IsNumber(column)});
  Table table(columns);
  for (int i = 0; i < size; ++i) {
    const pb::Message& row = parent.GetReflection()->GetRepeatedMessage(parent, field, i);
    const Scale scale = ScaleOf(row, units, inherited);
    std::vector<std::string> cells;
    for (const Field* column : fields) {
      const bool no_price = IsPrice(column) && !row.GetReflection()->HasField(row, column);
      cells.push_back(no_price ? "" : FormatField(row, column, kCellItemsMax, units, scale));
    }
    table.Add(std::move(cells));
  }
  table.Print(out, indent);
}

// A message within a message that has lists of its own: it is shown as part of what holds it.
bool IsPart(const Field* field) {
  if (!IsMessage(field) || field->is_repeated()) return false;
  const pb::Descriptor* type = field->message_type();
  for (int i = 0; i < type->field_count(); ++i) {
    if (IsMessageList(type->field(i))) return true;
  }
  return false;
}

// What is put before the names of a part: its own, where there are several of the kind, as of totals that were declared and that were found.
std::string PrefixOf(const Field* part) {
  const pb::Descriptor* type = part->containing_type();
  int alike = 0;
  for (int i = 0; i < type->field_count(); ++i) alike += IsPart(type->field(i)) && type->field(i)->message_type() == part->message_type();
  return alike > 1 ? Words(part->name()) + " " : "";
}

void AddValues(const pb::Message& message, const std::string& prefix, Units* units, const Scale& inherited, Table* table) {
  const pb::Descriptor* type = message.GetDescriptor();
  const pb::Reflection* r = message.GetReflection();
  const Scale scale = ScaleOf(message, units, inherited);
  for (int i = 0; i < type->field_count(); ++i) {
    const Field* field = type->field(i);
    if (IsMessageList(field)) continue;
    if (IsPart(field)) {
      if (r->HasField(message, field)) AddValues(r->GetMessage(message, field), prefix + PrefixOf(field), units, scale, table);
      continue;
    }
    const bool shown = field->is_repeated() || IsMessage(field) || r->HasField(message, field) || !ZeroSaysNothing(field);
    const std::string value = shown ? FormatField(message, field, 0, units, scale) : "";
    if (!value.empty()) table->Add({prefix + LowerCase(Heading(field)), value});
  }
}

void PrintLists(const pb::Message& message, const std::string& prefix, Units* units, const Scale& inherited, std::ostream& out) {
  const pb::Descriptor* type = message.GetDescriptor();
  const pb::Reflection* r = message.GetReflection();
  const Scale scale = ScaleOf(message, units, inherited);
  for (int i = 0; i < type->field_count(); ++i) {
    const Field* field = type->field(i);
    if (IsPart(field) && r->HasField(message, field)) PrintLists(r->GetMessage(message, field), prefix + PrefixOf(field), units, scale, out);
    if (!IsMessageList(field) || r->FieldSize(message, field) == 0) continue;
    out << prefix << Words(field->name()) << '\n';
    PrintList(message, field, {}, 2, units, scale, out);
  }
}

// Names and values, then the lists under it.
void PrintResource(const pb::Message& message, Units* units, std::ostream& out) {
  Table table({{""}, {""}});
  AddValues(message, "", units, std::nullopt, &table);
  table.PrintRows(out);
  PrintLists(message, "", units, std::nullopt, out);
}

void PrintBook(const pb::Message& book, Units* units, std::ostream& out) {
  const pb::Descriptor* type = book.GetDescriptor();
  const pb::Reflection* r = book.GetReflection();
  const Scale scale = ScaleOf(book, units, std::nullopt);
  const Field* bids = type->FindFieldByName("bids");
  const Field* asks = type->FindFieldByName("asks");
  const int64_t last = r->GetInt64(book, type->FindFieldByName("last_price_fen"));
  out << r->GetString(book, type->FindFieldByName("contract")) << ", last price " << (last == 0 ? "none yet" : Decimal(last, 2, 2)) << '\n';
  // While a call auction collects.
  const auto number = [&](const char* name) { return r->GetInt64(book, type->FindFieldByName(name)); };
  const int64_t market_bids = number("market_bid_quantity"), market_asks = number("market_ask_quantity");
  if (number("indicative_quantity") != 0) {
    out << "would trade " << FormatQuantity(number("indicative_quantity"), scale) << " at " << Decimal(number("indicative_price_fen"), 2, 2) << '\n';
  }
  if (market_bids != 0 || market_asks != 0) {
    out << "market orders " << FormatQuantity(market_bids, scale) << " to buy, " << FormatQuantity(market_asks, scale) << " to sell\n";
  }
  const int levels = std::max(r->FieldSize(book, bids), r->FieldSize(book, asks));
  if (levels == 0) {
    if (market_bids == 0 && market_asks == 0) out << "no orders\n";
    return;
  }
  Table table({{"ORDERS", true}, {"QUANTITY", true}, {"BID", true}, {"ASK", true}, {"QUANTITY", true}, {"ORDERS", true}});
  for (int i = 0; i < levels; ++i) {
    const auto cells = [&](const Field* side) -> std::array<std::string, 3> {
      if (i >= r->FieldSize(book, side)) return {};
      const pb::Message& level = r->GetRepeatedMessage(book, side, i);
      const auto cell = [&](const char* name) {
        return FormatValue(level, level.GetDescriptor()->FindFieldByName(name), -1, units, scale);
      };
      return {cell("price_fen"), cell("quantity"), cell("orders")};
    };
    const auto bid = cells(bids), ask = cells(asks);
    table.Add({bid[2], bid[1], bid[0], ask[0], ask[1], ask[2]});
  }
  table.Print(out);
}

void PrintFooter(const pb::Message& answer, std::ostream& out) {
  const Field* field = answer.GetDescriptor()->FindFieldByName("header");
  if (field == nullptr || !answer.GetReflection()->HasField(answer, field)) return;
  const pb::Message& header = answer.GetReflection()->GetMessage(answer, field);
  const pb::Descriptor* type = header.GetDescriptor();
  const uint64_t sequence = header.GetReflection()->GetUInt64(header, type->FindFieldByName("sequence"));
  out << "\nsequence " << sequence;
  const std::string time = FormatTime(header.GetReflection()->GetMessage(header, type->FindFieldByName("time")));
  if (!time.empty()) out << ", " << time;
  out << '\n';
}

}  // namespace

std::string FormatTime(const pb::Message& timestamp) {
  const pb::Descriptor* type = timestamp.GetDescriptor();
  const int64_t seconds = timestamp.GetReflection()->GetInt64(timestamp, type->FindFieldByName("seconds"));
  if (seconds == 0) return "";
  if (seconds < 0 || seconds > kLastTimestamp.value() / kMicrosPerSecond) return std::to_string(seconds) + " s";
  std::string text = FormatTimestamp(Timestamp(seconds * kMicrosPerSecond));  // 2026-01-05T09:30:00+08:00
  text[10] = ' ';
  return text.substr(0, 19);
}

void PrintAnswer(const pb::Message& answer, const View& view, Units* units, std::ostream& out) {
  const pb::Descriptor* type = answer.GetDescriptor();
  const pb::Reflection* r = answer.GetReflection();
  if (type->name() == "OrderBook") {
    PrintBook(answer, units, out);
    const Field* posts = type->FindFieldByName("posts");
    if (r->FieldSize(answer, posts) > 0) {
      out << "posts\n";
      PrintList(answer, posts, view, 2, units, ScaleOf(answer, units, std::nullopt), out);
    }
  } else {
    const Scale scale = ScaleOf(answer, units, std::nullopt);
    Table scalars({{""}, {""}});
    for (int i = 0; i < type->field_count(); ++i) {
      const Field* field = type->field(i);
      if ((IsMessage(field) && !IsTimestamp(field)) || field->name() == "next_page_token") continue;
      if (!field->is_repeated() && !r->HasField(answer, field) && ZeroSaysNothing(field)) continue;
      const std::string value =
          field->is_repeated() && r->FieldSize(answer, field) == 0 ? "none" : FormatField(answer, field, 0, units, scale);
      if (!value.empty()) scalars.Add({LowerCase(Heading(field)), value});
    }
    scalars.PrintRows(out);
    for (int i = 0; i < type->field_count(); ++i) {
      const Field* field = type->field(i);
      if (field->name() == "header" || !IsMessage(field) || (IsTimestamp(field) && !field->is_repeated())) continue;
      if (!field->is_repeated()) {
        if (r->HasField(answer, field)) PrintResource(r->GetMessage(answer, field), units, out);
        continue;
      }
      if (r->FieldSize(answer, field) == 0) {
        if (scalars.empty()) out << "no " << Words(field->name()) << '\n';
        continue;
      }
      if (!scalars.empty()) out << Words(field->name()) << '\n';
      PrintList(answer, field, view, scalars.empty() ? 0 : 2, units, scale, out);
    }
  }
  PrintFooter(answer, out);
}

std::string ToJson(const pb::Message& message) {
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  SONGHUA_CHECK(pb::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

}  // namespace songhua::api::cli
