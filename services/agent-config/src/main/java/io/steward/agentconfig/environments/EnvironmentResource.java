package io.steward.agentconfig.environments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.steward.agentconfig.http.Bodies;
import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.http.PathIds;
import io.steward.agentconfig.http.Query;
import io.steward.agentconfig.http.Replies;
import io.steward.agentconfig.outbox.OutboxRelay;
import io.steward.agentconfig.sessions.SessionTracker;
import io.steward.schemas.agent.rules.EnvironmentRules;
import io.steward.schemas.id.Ids;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// `/v1/environments`. Source: contract/core.md §3.1.
@Path("/v1/environments")
@RunOnVirtualThread
class EnvironmentResource {
  private static final String LIST = "environments";

  private final PostgresEnvironments environments;
  private final SessionTracker sessions;
  private final OutboxRelay relay;
  private final InstantSource clock;

  EnvironmentResource(
      PostgresEnvironments environments,
      SessionTracker sessions,
      OutboxRelay relay,
      InstantSource clock) {
    this.environments = environments;
    this.sessions = sessions;
    this.relay = relay;
    this.clock = clock;
  }

  /// What a delete answers.
  record Deleted(String id, String type) {}

  @POST
  public Response create(InputStream body) {
    Instant now = clock.instant();
    return Replies.ok(
        relay.published(
            environments.create(
                EnvironmentRules.create(Bodies.object(body), Ids.random("env_"), now), now)));
  }

  @GET
  public Response list(@Context UriInfo uri) {
    Query query = Query.of(uri);
    @Nullable Cursor after = Cursor.read(query, LIST);
    int limit = query.limit();
    return Replies.page(
        environments.list(query.flag("include_archived"), after, limit),
        limit,
        last -> new Cursor(LIST, last.createdAt(), last.id()));
  }

  @GET
  @Path("{id}")
  public Response retrieve(@PathParam("id") String path) {
    String id = PathIds.existing(path, "environment");
    return Replies.ok(environments.find(id));
  }

  @POST
  @Path("{id}")
  public Response update(@PathParam("id") String path, InputStream body) {
    String id = PathIds.existing(path, "environment");
    ObjectNode patch = Bodies.object(body);
    Instant now = clock.instant();
    return Replies.ok(
        relay.published(
            environments.change(id, current -> EnvironmentRules.update(current, patch, now), now)));
  }

  @POST
  @Path("{id}/archive")
  public Response archive(@PathParam("id") String path) {
    String id = PathIds.existing(path, "environment");
    Instant now = clock.instant();
    return Replies.ok(
        relay.published(
            environments.change(
                id,
                current -> current.archivedAt() == null ? current.archived(now) : current,
                now)));
  }

  @DELETE
  @Path("{id}")
  public Response delete(@PathParam("id") String path) {
    String id = PathIds.existing(path, "environment");
    environments.find(id);
    sessions.catchUp();
    String deleted = relay.published(environments.delete(id, clock.instant()));
    return Replies.ok(new Deleted(deleted, "environment_deleted"));
  }
}
