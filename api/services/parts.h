// What the services are made of. Owned by the server, outlives every call.
#ifndef SONGHUA_API_SERVICES_PARTS_H_
#define SONGHUA_API_SERVICES_PARTS_H_

#include "api/document_files.h"
#include "api/engine/engine.h"
#include "api/market_data/book_publisher.h"
#include "api/reads/change_feed.h"
#include "api/reads/deadline_feed.h"
#include "api/reads/read_side.h"
#include "api/services/answer_thread.h"
#include "api/services/order_rate.h"
#include "api/services/stream_registry.h"
#include "api/services/task_pool.h"

namespace songhua::api {

struct ServiceParts {
  Engine* engine = nullptr;
  ReadSide* reads = nullptr;
  BookPublisher* books = nullptr;
  DeadlineFeed* deadlines = nullptr;
  ChangeFeed* orders = nullptr;
  ChangeFeed* collateral = nullptr;
  TaskPool* pool = nullptr;
  AnswerThread* answers = nullptr;
  StreamRegistry* streams = nullptr;
  OrderRate* order_rate = nullptr;
  DocumentFiles* documents = nullptr;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_PARTS_H_
