package io.steward.agentconfig.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.regex.Pattern;

/// Ids in paths. What cannot be an id is not looked for.
public final class PathIds {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private PathIds() {}

  /// The id as it is.
  ///
  /// @param kind what it is the id of, for the sentence
  /// @throws ApiException 404 when nothing can have that id
  public static String existing(String id, String kind) {
    if (!ID.matcher(id).matches()) {
      throw new ApiException(ApiError.notFound("There is no " + kind + " with that id."));
    }
    return id;
  }
}
