package io.steward.agentconfig.agents;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.steward.agentconfig.http.Bodies;
import io.steward.agentconfig.http.Cursor;
import io.steward.agentconfig.http.PathIds;
import io.steward.agentconfig.http.Query;
import io.steward.agentconfig.http.Replies;
import io.steward.agentconfig.outbox.OutboxRelay;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.id.Ids;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.List;

/// `/v1/agents`. Source: contract/core.md §2.1.
@Path("/v1/agents")
@RunOnVirtualThread
class AgentResource {
  private static final String VERSIONS = "versions";

  private final PostgresAgents agents;
  private final OutboxRelay relay;
  private final InstantSource clock;

  AgentResource(PostgresAgents agents, OutboxRelay relay, InstantSource clock) {
    this.agents = agents;
    this.relay = relay;
    this.clock = clock;
  }

  @POST
  public Response create(InputStream body) {
    return Replies.ok(
        relay.published(agents.create(Bodies.object(body), Ids.random("agent_"), clock.instant())));
  }

  @GET
  public Response list(@Context UriInfo uri) {
    AgentFilter filter = AgentFilter.read(Query.of(uri));
    return Replies.page(
        agents.list(filter),
        filter.limit(),
        last -> new Cursor(AgentFilter.LIST, last.createdAt(), last.id()));
  }

  @GET
  @Path("{id}")
  public Response retrieve(@PathParam("id") String path, @Context UriInfo uri) {
    String id = PathIds.existing(path, "agent");
    return Replies.ok(agents.find(id, Query.of(uri).integer("version", Integer.MAX_VALUE)));
  }

  @POST
  @Path("{id}")
  public Response update(@PathParam("id") String path, InputStream body) {
    String id = PathIds.existing(path, "agent");
    AgentChange patch = new AgentChange.Patch(Bodies.object(body), clock.instant());
    return Replies.ok(relay.published(agents.change(id, patch, clock.instant())));
  }

  @POST
  @Path("{id}/archive")
  public Response archive(@PathParam("id") String path) {
    String id = PathIds.existing(path, "agent");
    AgentChange archive = new AgentChange.Archive(clock.instant());
    return Replies.ok(relay.published(agents.change(id, archive, clock.instant())));
  }

  @GET
  @Path("{id}/versions")
  public Response versions(@PathParam("id") String path, @Context UriInfo uri) {
    String id = PathIds.existing(path, "agent");
    Query query = Query.of(uri);
    Cursor after = Cursor.read(query, VERSIONS);
    int before = after == null ? Integer.MAX_VALUE : VersionCursor.version(after, id);
    int limit = query.limit();
    List<Agent> found = agents.versions(id, before, limit);
    return Replies.page(found, limit, last -> VersionCursor.of(VERSIONS, last));
  }
}
