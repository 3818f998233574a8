package io.steward.sessionlog.worker;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.catalog.Catalog;
import io.steward.sessionlog.http.Access;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.Field;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.list.Cursors;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkItem.Outcome;
import io.steward.sessionlog.work.WorkItem.StoppedBy;
import jakarta.inject.Singleton;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/// `/v1/environments/{environment_id}/work`. Source: contract/core.md §4.
@Singleton
class WorkRoutes implements Route.Source {
  private static final String WORK = "/v1/environments/{environment_id}/work";
  private static final String ITEM = WORK + "/{work_id}";
  private static final int BLOCK_MILLIS_MAX = 999;
  private static final int RECLAIM_MILLIS_MAX = 86_400_000;
  private static final int WISH_SECONDS_MAX = 86_400;
  private static final int PAGE = 20;
  private static final int PAGE_MAX = 100;
  private static final String KIND = "w";

  private final WorkQueue queue;
  private final PostgresWork store;
  private final Catalog catalog;
  private final Duration lease;

  WorkRoutes(WorkQueue queue, PostgresWork store, Catalog catalog, SessionLogConfig config) {
    this.queue = queue;
    this.store = store;
    this.catalog = catalog;
    this.lease = config.sessionLog().workLease();
  }

  /// `poll` and `stats` stand where ids stand, so they come first.
  @Override
  public List<Route> routes() {
    return List.of(
        Route.get(WORK + "/poll", this::poll).openTo(Access.POLL),
        Route.get(WORK + "/stats", this::stats).openTo(Access.QUEUE),
        Route.get(WORK, this::list).openTo(Access.QUEUE),
        Route.get(ITEM, this::item),
        Route.post(ITEM, this::update),
        Route.post(ITEM + "/ack", this::acknowledge).openTo(Access.HOLD),
        Route.post(ITEM + "/heartbeat", this::heartbeat).openTo(Access.HOLD),
        Route.post(ITEM + "/stop", this::stop).openTo(Access.STOP));
  }

  private Reply poll(Request request) {
    int block = request.query().between("block_ms", 1, BLOCK_MILLIS_MAX).orElse(0);
    int reclaim =
        request
            .query()
            .between("reclaim_older_than_ms", 0, RECLAIM_MILLIS_MAX)
            .orElse((int) WorkItem.RECLAIM.toMillis());
    return queue
        .poll(
            environment(request),
            request.workerId(),
            Duration.ofMillis(block),
            Duration.ofMillis(reclaim))
        .map(found -> new Reply.Json(WorkView.handedOut(found.item(), found.token())))
        .orElseGet(() -> new Reply.Json(NullNode.getInstance()));
  }

  private Reply acknowledge(Request request) {
    return change(request, (item, now) -> item.acknowledged(now, lease));
  }

  private Reply heartbeat(Request request) {
    String expected = request.query().text("expected_last_heartbeat").orElse(null);
    Integer wish = request.query().between("desired_ttl_seconds", 1, WISH_SECONDS_MAX).orElse(null);
    return change(request, (item, now) -> item.heartbeat(now, expected, wish, lease));
  }

  private Reply stop(Request request) {
    Field force = new Field("", request.jsonObjectOrEmpty()).field("force");
    boolean forced = Boolean.TRUE.equals(force.optionalFlag());
    StoppedBy by = request.caller() instanceof Caller.Client ? StoppedBy.CLIENT : StoppedBy.WORKER;
    return change(
        request,
        (item, now) -> new Outcome.Done(forced ? item.stopped(now, by) : item.stopping(now, by)));
  }

  private Reply update(Request request) {
    ObjectNode body = request.jsonObject();
    return change(
        request,
        (item, _) ->
            new Outcome.Done(
                item.withMetadata(
                    MetadataRules.update(item.metadata(), body, MetadataRules.EmptyValue.STORED))));
  }

  private Reply item(Request request) {
    return store
        .find(environment(request), request.segment("work_id"))
        .map(item -> new Reply.Json(WorkView.of(item)))
        .orElseThrow(() -> noWork(request));
  }

  private Reply list(Request request) {
    requireEnvironment(request);
    int limit = request.query().limit(PAGE, PAGE_MAX);
    PostgresWork.Place behind = request.query().text("page").map(WorkRoutes::place).orElse(null);
    List<WorkItem> rows = store.list(environment(request), behind, limit + 1);
    List<WorkItem> shown = rows.size() > limit ? rows.subList(0, limit) : rows;
    return new Reply.Json(
        new Page<>(
            shown.stream().map(WorkView::of).toList(),
            rows.size() > limit ? cursor(shown.getLast()) : null));
  }

  private Reply stats(Request request) {
    requireEnvironment(request);
    return new Reply.Json(queue.stats(environment(request)));
  }

  private Reply change(Request request, BiFunction<WorkItem, Instant, Outcome> decide) {
    Outcome outcome =
        queue
            .change(environment(request), request.segment("work_id"), decide)
            .orElseThrow(() -> noWork(request));
    return switch (outcome) {
      case Outcome.Done(WorkItem item) -> new Reply.Json(WorkView.of(item));
      case Outcome.Beaten(_, var reply) -> new Reply.Json(reply);
      case Outcome.Refused(ApiError error) -> throw new ApiException(error);
    };
  }

  /// A key of an environment proves that there is one.
  private void requireEnvironment(Request request) {
    if (request.caller() instanceof Caller.Client) {
      catalog.barrier();
      if (catalog.environment(environment(request)).isEmpty()) {
        throw new ApiException(
            ApiError.notFound("There is no environment " + environment(request) + "."));
      }
    }
  }

  private static String environment(Request request) {
    return request.segment("environment_id");
  }

  private static String cursor(WorkItem last) {
    return Cursors.text(KIND, last.createdAt(), last.id());
  }

  private static PostgresWork.Place place(String cursor) {
    List<String> fields = Cursors.fields(cursor, KIND, 3);
    try {
      return new PostgresWork.Place(Instant.parse(fields.get(1)), fields.get(2));
    } catch (DateTimeException e) {
      throw Cursors.unknown(cursor);
    }
  }

  private static ApiException noWork(Request request) {
    return new ApiException(
        ApiError.notFound(
            "There is no work item "
                + request.segment("work_id")
                + " in the environment "
                + environment(request)
                + "."));
  }
}
