package io.steward.agentconfig.models;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.steward.agentconfig.http.Query;
import io.steward.agentconfig.http.Replies;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/v1/models`. Source: contract/platform.md §11.
@Path("/v1/models")
@RunOnVirtualThread
class ModelResource {
  private static final int LIMIT_MAX = 1000;
  private static final int LIFECYCLES_MAX = 3;
  private static final List<String> LIFECYCLES = List.of("active", "deprecated", "retired");

  private final ModelUpstream upstream;

  ModelResource(ModelUpstream upstream) {
    this.upstream = upstream;
  }

  @GET
  public Response list(@Context UriInfo uri) {
    Query query = Query.of(uri);
    List<String> parameters = new ArrayList<>();
    Integer limit = query.integer("limit", LIMIT_MAX);
    add(parameters, "limit", limit == null ? null : limit.toString());
    add(parameters, "after_id", query.text("after_id"));
    add(parameters, "before_id", query.text("before_id"));
    for (String lifecycle : lifecycles(query)) {
      add(parameters, "lifecycle[]", lifecycle);
    }
    String suffix = parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    return Replies.ok(
        ModelForm.page(upstream.get("/v1/models" + suffix)).orElseThrow(ModelUpstream::unusable));
  }

  @GET
  @Path("{id}")
  public Response retrieve(@PathParam("id") String id) {
    return Replies.ok(
        ModelForm.model(upstream.get("/v1/models/" + encoded(id)))
            .orElseThrow(ModelUpstream::unusable));
  }

  private static List<String> lifecycles(Query query) {
    List<String> lifecycles = query.texts("lifecycle");
    if (lifecycles.size() > LIFECYCLES_MAX || !LIFECYCLES.containsAll(lifecycles)) {
      throw new ApiException(
          ApiError.invalid(
              "`lifecycle` is %s, but must be up to 3 of active, deprecated, retired."
                  .formatted(lifecycles)));
    }
    return lifecycles;
  }

  private static void add(List<String> parameters, String name, @Nullable String value) {
    if (value != null) {
      parameters.add(encoded(name) + "=" + encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
