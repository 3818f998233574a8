package io.steward.sessionlog.create;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.catalog.Catalog;
import io.steward.sessionlog.files.StoredFile;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.log.Unsettled;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.resource.Attaching;
import io.steward.sessionlog.resource.NamedFiles;
import io.steward.sessionlog.resource.ResourceParser;
import io.steward.sessionlog.resource.ResourcePlan;
import io.steward.sessionlog.resource.SessionCopies;
import io.steward.sessionlog.resource.SessionFiles;
import io.steward.sessionlog.send.Attachments;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/// `POST /v1/sessions`: one record holds the session with all it was resolved to. What it is given
/// is made before that record is written, and taken back when it cannot be. A request that comes
/// again because nobody could tell whether its session was stored gets that session, if it was.
@Singleton
class CreateRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(CreateRoutes.class);

  private final Catalog catalog;
  private final LogWriter writer;
  private final SessionFiles files;
  private final Attaching attaching;
  private final InstantSource clock;
  private final int partitions;
  private final long mountedBytesMax;
  private final SessionPlanner planner;
  private final Sessions sessions;
  private final Unsettled<SessionId> unsettled;

  CreateRoutes(
      Catalog catalog,
      Sessions sessions,
      LogWriter writer,
      SessionFiles files,
      Attaching attaching,
      ModelCatalog models,
      ResourceParser resources,
      InstantSource clock,
      SessionLogConfig config) {
    this.catalog = catalog;
    this.sessions = sessions;
    this.unsettled = new Unsettled<>(clock);
    this.writer = writer;
    this.files = files;
    this.attaching = attaching;
    this.clock = clock;
    this.partitions = config.sessionPartitions();
    this.mountedBytesMax = config.sessionLog().mountedBytesMax().asLongValue();
    this.planner =
        new SessionPlanner(catalog::agent, catalog::environment, catalog::vault, models, resources);
  }

  @Override
  public List<Route> routes() {
    return List.of(Route.post("/v1/sessions", this::create));
  }

  private Reply create(Request request) {
    var body = request.jsonObject();
    sessions.requireLog();
    catalog.barrier();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    String key = Unsettled.request("", request.body());
    Optional<Session> earlier = earlier(key);
    if (earlier.isPresent()) {
      Session session = earlier.get();
      return new Reply.Json(Views.session(session, idOf(session), now));
    }
    SessionId id = SessionId.random(ThreadLocalRandom.current().nextInt(partitions));
    SessionPlan plan = planner.plan(body);
    LoggedRecord record = append(id, plan, now, key);
    Session session = Session.ABSENT.apply(record);
    if (session.known().isEmpty()) {
      throw new ApiException(ApiError.internal());
    }
    LOG.infof(
        "session_id=%s is created with agent %s version %d",
        id, plan.agent().id(), plan.agent().version());
    return new Reply.Json(Views.session(session, id.value(), now));
  }

  /// The session an equal request made before whose answer nobody could give.
  private Optional<Session> earlier(String key) {
    Optional<SessionId> id = unsettled.take(key);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(sessions.current(id.get())).filter(session -> session.known().isPresent());
    } catch (ApiException | DependencyAwayException e) {
      unsettled.add(key, id.get());
      throw e;
    }
  }

  private static String idOf(Session session) {
    return session.known().orElseThrow().id().value();
  }

  private LoggedRecord append(SessionId id, SessionPlan plan, Instant now, String key) {
    NamedFiles named = new NamedFiles(files::find, now);
    ResourcePlan resources =
        ResourcePlan.of(plan.resources(), named).requireRoom(0, mountedBytesMax);
    Map<String, StoredFile> found = Attachments.find(plan.files(), Set.of(), named);
    try (SessionCopies copies = new SessionCopies(files, id, now)) {
      Map<String, Attachment> attachments = Attachments.copy(found, copies);
      List<SessionResource> attached = attaching.attach(resources, id, copies, now);
      SessionRecord.Created created = plan.created(id, attached, attachments, now);
      return copies.tell(
          () -> writer.append(id, LogWriter.newRecordId(), created, () -> unsettled.add(key, id)));
    }
  }
}
