package io.steward.agentconfig.models;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.steward.agentconfig.http.Query;
import io.steward.agentconfig.http.Replies;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.ModelCatalog;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

/// `/v1/models`. Source: contract/platform.md §11.
@Path("/v1/models")
@RunOnVirtualThread
class ModelResource {
  private final ModelShelf shelf;

  ModelResource(ModelCatalog catalog) {
    this.shelf = new ModelShelf(catalog);
  }

  @GET
  public Response list(@Context UriInfo uri) {
    return Replies.ok(shelf.page(ModelListQuery.read(Query.of(uri))));
  }

  /// Ids may hold `/`, as `meta-llama/llama-3.3-70b` does.
  @GET
  @Path("{id: .+}")
  public Response retrieve(@PathParam("id") String id) {
    return Replies.ok(
        shelf
            .find(id)
            .orElseThrow(
                () -> new ApiException(ApiError.notFound("There is no model with that id."))));
  }
}
