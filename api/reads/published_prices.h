// Base prices as published: which is in force, the domain's own function says, over rows that are few, a handful a year.
#ifndef SONGHUA_API_READS_PUBLISHED_PRICES_H_
#define SONGHUA_API_READS_PUBLISHED_PRICES_H_

#include "absl/status/status.h"
#include "api/reads/read_context.h"
#include "ledger/base_prices.h"
#include "ledger/counters.h"

namespace songhua::api {

class PublishedPrices {
 public:
  PublishedPrices() : counters_(&tables_), prices_(&tables_, &counters_) {}
  // REQUIRES: a snapshot; once.
  absl::Status Load(ReadContext& context);
  const ledger::BasePrices& rows() const { return prices_; }

 private:
  TableSet tables_;
  ledger::Counters counters_;
  ledger::BasePrices prices_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_PUBLISHED_PRICES_H_
