package io.steward.sessionlog.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.rules.RequestBody;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An authenticated request as a route sees it.
///
/// @param id `req_…`
/// @param path what stands for the placeholders of the route, decoded
/// @param betas what `anthropic-beta` names
/// @param caller who asks, and may
/// @param workerId what `Anthropic-Worker-ID` says, or null
/// @param lastEventId what `Last-Event-ID` says, or null
/// @param body the bytes that came, at most 32 MB
public record Request(
    String id,
    Map<String, String> path,
    QueryParameters query,
    Set<String> betas,
    Caller caller,
    @Nullable String workerId,
    @Nullable String lastEventId,
    byte[] body) {

  /// The value of a placeholder of the route.
  public String segment(String name) {
    return Objects.requireNonNull(path.get(name));
  }

  /// The session in the path.
  ///
  /// @throws ApiException 404 when the segment cannot be the id of a session
  public SessionId sessionId() {
    String text = segment("session_id");
    return SessionId.parse(text).orElseThrow(() -> noSession(text));
  }

  /// The body, which must be a JSON object.
  ///
  /// @throws ApiException 400 when it is not
  public ObjectNode jsonObject() {
    return RequestBody.object(body);
  }

  /// The body, where nothing at all stands for `{}`.
  public ObjectNode jsonObjectOrEmpty() {
    return body.length == 0 ? JsonNodeFactory.instance.objectNode() : jsonObject();
  }

  /// 404: no session has that id.
  public static ApiException noSession(String id) {
    return new ApiException(ApiError.notFound("There is no session " + shown(id) + "."));
  }

  private static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
