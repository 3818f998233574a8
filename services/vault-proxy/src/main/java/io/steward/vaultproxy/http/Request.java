package io.steward.vaultproxy.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.rules.RequestBody;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.Map;
import java.util.regex.Pattern;

/// An authenticated request as a route sees it.
///
/// @param path what stands for the placeholders of the route, decoded
/// @param body the bytes that came, at most [BodyReader#KEPT_BYTES_MAX]
record Request(Map<String, String> path, Query query, byte[] body) {
  static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  /// The id of a vault in the path.
  ///
  /// @throws ApiException 404 when nothing can have that id
  String vaultId() {
    return id("vault_id", "vault");
  }

  /// The id of a credential in the path.
  ///
  /// @throws ApiException 404 when nothing can have that id
  String credentialId() {
    return id("credential_id", "credential");
  }

  private String id(String placeholder, String kind) {
    String id = path.getOrDefault(placeholder, "");
    if (!ID.matcher(id).matches()) {
      throw new ApiException(ApiError.notFound("There is no " + kind + " with that id."));
    }
    return id;
  }

  /// The body, which must be a JSON object.
  ///
  /// @throws ApiException 400 when it is not
  ObjectNode object() {
    return RequestBody.object(body);
  }
}
