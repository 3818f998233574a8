package io.steward.agentconfig.environments;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.steward.agentconfig.http.Bodies;
import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.http.PathIds;
import io.steward.agentconfig.http.Query;
import io.steward.agentconfig.http.Replies;
import io.steward.agentconfig.outbox.OutboxRelay;
import io.steward.schemas.agent.EnvironmentKey;
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

/// `/v1/environments/{id}/keys`: keys for the workers of self-hosted environments. The hosted API
/// has no such routes; its keys come from a console. The path of the class is that of
/// [EnvironmentResource]: another one would answer a wrong method with 404.
@Path("/v1/environments")
@RunOnVirtualThread
class EnvironmentKeyResource {
  private static final String TYPE = "environment_key";

  private final PostgresEnvironmentKeys keys;
  private final OutboxRelay relay;
  private final InstantSource clock;

  EnvironmentKeyResource(PostgresEnvironmentKeys keys, OutboxRelay relay, InstantSource clock) {
    this.keys = keys;
    this.relay = relay;
    this.clock = clock;
  }

  /// The one answer that holds the key itself.
  record Created(String id, String type, String key, Instant createdAt) {
    @Override
    public String toString() {
      return id;
    }
  }

  /// A key in a list.
  record Listed(String id, String type, Instant createdAt) {
    Listed(EnvironmentKey key) {
      this(key.id(), TYPE, key.createdAt());
    }
  }

  /// What a delete answers.
  record Deleted(String id, String type) {}

  @POST
  @Path("{id}/keys")
  public Response create(@PathParam("id") String path, InputStream body) {
    String environmentId = PathIds.existing(path, "environment");
    Bodies.nothing(body);
    KeyText text = KeyText.random();
    Instant now = clock.instant();
    EnvironmentKey key =
        relay.published(
            keys.create(
                new EnvironmentKey(Ids.random("envkey_"), environmentId, text.sha256(), now), now));
    return Replies.ok(new Created(key.id(), TYPE, text.value(), key.createdAt()));
  }

  @GET
  @Path("{id}/keys")
  public Response list(@PathParam("id") String path, @Context UriInfo uri) {
    String environmentId = PathIds.existing(path, "environment");
    String list = "keys of " + environmentId;
    Query query = Query.of(uri);
    @Nullable Cursor after = Cursor.read(query, list);
    int limit = query.limit();
    return Replies.page(
        keys.list(environmentId, after, limit).stream().map(Listed::new).toList(),
        limit,
        last -> new Cursor(list, last.createdAt(), last.id()));
  }

  @DELETE
  @Path("{id}/keys/{key_id}")
  public Response delete(
      @PathParam("id") String environmentPath, @PathParam("key_id") String path) {
    String environmentId = PathIds.existing(environmentPath, "environment");
    String id = PathIds.existing(path, "key");
    String deleted = relay.published(keys.delete(environmentId, id, clock.instant()));
    return Replies.ok(new Deleted(deleted, "environment_key_deleted"));
  }
}
