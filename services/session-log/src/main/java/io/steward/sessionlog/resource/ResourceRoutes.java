package io.steward.sessionlog.resource;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.ask.Asking;
import io.steward.sessionlog.http.Field;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.secret.Secret;
import io.steward.sessionlog.secret.Secrets;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jboss.logging.Logger;

/// `/v1/sessions/{session_id}/resources`. Changes are asked for on the log and answered from the
/// record read back.
@Singleton
class ResourceRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(ResourceRoutes.class);
  private static final String RESOURCES = "/v1/sessions/{session_id}/resources";
  private static final String RESOURCE = RESOURCES + "/{resource_id}";

  private final Sessions sessions;
  private final Asking asking;
  private final ResourceParser parser;
  private final SessionFiles files;
  private final Secrets secrets;
  private final InstantSource clock;
  private final long mountedBytesMax;

  ResourceRoutes(
      Sessions sessions,
      Asking asking,
      ResourceParser parser,
      SessionFiles files,
      Secrets secrets,
      InstantSource clock,
      SessionLogConfig config) {
    this.sessions = sessions;
    this.asking = asking;
    this.parser = parser;
    this.files = files;
    this.secrets = secrets;
    this.clock = clock;
    this.mountedBytesMax = config.sessionLog().mountedBytesMax().asLongValue();
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get(RESOURCES, this::list),
        Route.post(RESOURCES, this::add),
        Route.get(RESOURCE, this::retrieve),
        Route.post(RESOURCE, this::update),
        Route.delete(RESOURCE, this::delete));
  }

  private Reply list(Request request) {
    SessionId id = request.sessionId();
    int limit = request.query().limit(ResourcePage.LIMIT_MAX, ResourcePage.LIMIT_MAX);
    SessionFacts facts = Views.facts(sessions.current(id), id.value());
    return new Reply.Json(
        ResourcePage.of(
            facts.resources().attached(), limit, request.query().text("page").orElse(null)));
  }

  private Reply retrieve(Request request) {
    SessionId id = request.sessionId();
    SessionFacts facts = Views.facts(sessions.current(id), id.value());
    return new Reply.Json(resource(facts, request.segment("resource_id")).view());
  }

  private Reply add(Request request) {
    SessionId id = request.sessionId();
    SessionFacts facts = changeable(id);
    Instant now = now();
    requireCloud(facts);
    ResourceRequest.OfFile wanted =
        parser.added(new Field("", request.jsonObject()), facts.resources().attached());
    requireRoom(facts);
    ResourcePlan.MountFile step = ResourcePlan.found(wanted, new NamedFiles(files::find, now));
    new ResourcePlan(List.of(step)).requireRoom(mountedBytes(facts), mountedBytesMax);
    try (SessionCopies copies = new SessionCopies(files, id, now)) {
      FileResource resource = Attaching.mounted(step, copies, now);
      SessionRecord asked = new SessionRecord.ResourceAddRequested(resource, now);
      return view(copies.tell(() -> asking.ask(id, asked).granted()), id, resource.id());
    }
  }

  private Reply update(Request request) {
    SessionId id = request.sessionId();
    SessionFacts facts = changeable(id);
    String resourceId = request.segment("resource_id");
    if (!(resource(facts, resourceId) instanceof RepositoryResource repository)) {
      throw new ApiException(
          ApiError.invalid(
              "The resource " + resourceId + " is a file; only repositories can be updated."));
    }
    Secret token = ResourceParser.token(new Field("", request.jsonObject()));
    Instant now = now();
    String host = GitHosts.normal(URI.create(repository.url()).getAuthority());
    String secretId = secrets.handOver(id, host, token, now);
    SessionRecord asked = new SessionRecord.ResourceUpdateRequested(resourceId, secretId, now);
    return view(asking.ask(id, asked).granted(), id, resourceId);
  }

  private Reply delete(Request request) {
    SessionId id = request.sessionId();
    SessionFacts facts = changeable(id);
    String resourceId = request.segment("resource_id");
    if (!(resource(facts, resourceId) instanceof FileResource file)) {
      throw new ApiException(
          ApiError.invalid(
              "The resource "
                  + resourceId
                  + " is a repository, which stays for as long as the session lives; only files can"
                  + " be removed."));
    }
    asking.ask(id, new SessionRecord.ResourceDeleteRequested(resourceId, now())).granted();
    remove(id, file.fileId());
    return new Reply.Json(new Deleted(resourceId, "session_resource_deleted"));
  }

  /// The resource is gone, whatever becomes of its copy: what stays goes with the session.
  private void remove(SessionId id, String copyId) {
    try {
      files.remove(copyId);
    } catch (RuntimeException e) {
      LOG.warnf("session_id=%s: the copy %s stays: %s", id, copyId, e.getMessage());
    }
  }

  private static long mountedBytes(SessionFacts facts) {
    return facts.resources().attached().stream()
        .mapToLong(
            resource -> resource instanceof FileResource file ? file.attachment().sizeBytes() : 0)
        .sum();
  }

  private SessionFacts changeable(SessionId id) {
    Session session = sessions.current(id);
    SessionFacts facts = Views.facts(session, id.value());
    Asking.requireReadable(session);
    if (session.status() == Session.Status.TERMINATED) {
      throw new ApiException(
          ApiError.invalid("The session is terminated and its resources cannot be changed."));
    }
    return facts;
  }

  private static void requireCloud(SessionFacts facts) {
    if (facts.environment().selfHosted()) {
      throw new ApiException(
          ApiError.invalid(
              "The session's environment is self-hosted: its sandboxes are not made here, so files"
                  + " cannot be mounted in them."));
    }
  }

  private static void requireRoom(SessionFacts facts) {
    if (facts.resources().files() >= SessionResource.FILES_MAX) {
      throw new ApiException(
          ApiError.invalid(
              "The session has " + SessionResource.FILES_MAX + " files, which is the limit."));
    }
  }

  private static Reply view(Session session, SessionId id, String resourceId) {
    JsonNode view = resource(Views.facts(session, id.value()), resourceId).view();
    return new Reply.Json(view);
  }

  private static SessionResource resource(SessionFacts facts, String id) {
    return facts
        .resources()
        .find(id)
        .orElseThrow(
            () -> new ApiException(ApiError.notFound("The session has no resource " + id + ".")));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private record Deleted(String id, String type) {}
}
