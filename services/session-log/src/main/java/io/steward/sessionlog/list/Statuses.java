package io.steward.sessionlog.list;

import io.steward.schemas.session.Session;
import io.steward.sessionlog.http.QueryParameters;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The filter `statuses[]`.
public final class Statuses {
  private static final List<String> ALL =
      Arrays.stream(Session.Status.values()).map(Session.Status::wireName).toList();

  private Statuses() {}

  /// The statuses asked for; none means all.
  ///
  /// @throws io.steward.schemas.http.ApiException 400 when one of them does not exist
  public static Set<String> of(QueryParameters query) {
    Set<String> statuses = new LinkedHashSet<>();
    for (String status : query.list("statuses")) {
      if (!ALL.contains(status)) {
        throw QueryParameters.refused(
            "statuses[]", status, "must be one of " + String.join(", ", ALL));
      }
      statuses.add(status);
    }
    return statuses;
  }
}
