package io.steward.sessionlog.create;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.catalog.Catalog;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/// `POST /v1/sessions`: one record holds the session with all it was resolved to.
@Singleton
class CreateRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(CreateRoutes.class);

  private final Catalog catalog;
  private final LogWriter writer;
  private final InstantSource clock;
  private final int partitions;
  private final SessionPlan plan;

  CreateRoutes(Catalog catalog, LogWriter writer, InstantSource clock, SessionLogConfig config) {
    this.catalog = catalog;
    this.writer = writer;
    this.clock = clock;
    this.partitions = config.sessionPartitions();
    this.plan = new SessionPlan(catalog::agent, catalog::environment);
  }

  @Override
  public List<Route> routes() {
    return List.of(Route.post("/v1/sessions", this::create));
  }

  private Reply create(Request request) {
    var body = request.jsonObject();
    catalog.barrier();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    SessionId id = SessionId.random(ThreadLocalRandom.current().nextInt(partitions));
    SessionRecord.Created created = plan.created(body, id, now);
    LoggedRecord record = writer.append(id, created);
    Session session = Session.ABSENT.apply(record);
    if (session.known().isEmpty()) {
      throw new ApiException(ApiError.internal());
    }
    LOG.infof(
        "session_id=%s is created with agent %s version %d",
        id, created.agent().id(), created.agent().version());
    return new Reply.Json(Views.session(session, id.value(), now));
  }
}
