package io.steward.sessionlog.change;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.ask.Asking;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Update, archive and delete. Each is asked for on the log; the fold decides, and the client is
/// told from the record read back.
@Singleton
class ChangeRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(ChangeRoutes.class);

  /// How long an answer waits for the public event of its change.
  private static final Duration ANNOUNCEMENT_WAIT = Duration.ofSeconds(2);

  private final Sessions sessions;
  private final Asking asking;
  private final InstantSource clock;
  private final Duration interruptWait;

  ChangeRoutes(Sessions sessions, Asking asking, InstantSource clock, SessionLogConfig config) {
    this.interruptWait = config.sessionLog().interruptWait();
    this.sessions = sessions;
    this.asking = asking;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.post("/v1/sessions/{session_id}", this::update),
        Route.post("/v1/sessions/{session_id}/archive", this::archive),
        Route.delete("/v1/sessions/{session_id}", this::delete));
  }

  private Reply update(Request request) {
    SessionId id = request.sessionId();
    Session session = sessions.current(id);
    SessionFacts facts = Views.facts(session, id.value());
    ObjectNode body = request.jsonObjectOrEmpty();
    Optional<SessionRecord.UpdateRequested> update = UpdatePlan.of(session, facts, body, now());
    Session after = update.isEmpty() ? session : announced(id, updated(id, update.get(), body));
    return new Reply.Json(Views.session(after, id.value(), clock.instant()));
  }

  /// A request the fold refused is judged again by what the session is now, which says why.
  private Session updated(SessionId id, SessionRecord.UpdateRequested update, ObjectNode body) {
    Asking.Outcome outcome = asking.ask(id, update);
    if (outcome.refusal() != null) {
      Session now = outcome.session();
      UpdatePlan.of(now, Views.facts(now, id.value()), body, now());
    }
    return outcome.granted();
  }

  private Reply archive(Request request) {
    SessionId id = request.sessionId();
    Session session = settled(id);
    SessionFacts facts = Views.facts(session, id.value());
    Asking.requireReadable(session);
    if (facts.archivedAt() != null) {
      return new Reply.Json(Views.session(session, id.value(), clock.instant()));
    }
    UpdatePlan.requireNotRunning(session);
    Session after =
        announced(id, asking.ask(id, new SessionRecord.ArchiveRequested(now())).granted());
    LOG.infof("session_id=%s is archived", id);
    return new Reply.Json(Views.session(after, id.value(), clock.instant()));
  }

  private Reply delete(Request request) {
    SessionId id = request.sessionId();
    Session session = settled(id);
    Views.facts(session, id.value());
    UpdatePlan.requireNotRunning(session);
    Session after = asking.ask(id, new SessionRecord.DeleteRequested(now())).granted();
    if (after.known().isPresent()) {
      throw new ApiException(ApiError.unavailable("The session is still there; try again soon."));
    }
    LOG.infof("session_id=%s is to be deleted", id);
    return new Reply.Json(new Deleted(id.value(), "session_deleted"));
  }

  /// The session, once an interrupt that is on its way was applied; it may take a while until the
  /// harness has stopped what runs.
  private Session settled(SessionId id) {
    Session session = sessions.current(id);
    if (!UpdatePlan.running(session) || !UpdatePlan.interruptWaits(session)) {
      return session;
    }
    return sessions.await(id, now -> !UpdatePlan.running(now), interruptWait);
  }

  /// The session once the harness has written the public event of its change, so that a list right
  /// after the answer has it. The change itself is done: without a harness the answer goes out
  /// late.
  private Session announced(SessionId id, Session after) {
    return isAnnounced(after)
        ? after
        : sessions.await(id, ChangeRoutes::isAnnounced, ANNOUNCEMENT_WAIT);
  }

  private static boolean isAnnounced(Session session) {
    return session.known().map(facts -> facts.announcements().isEmpty()).orElse(true);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private record Deleted(String id, String type) {}
}
