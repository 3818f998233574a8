package io.steward.sessionlog.files;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.list.Cursors;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a list of files is to hold. Source: contract/platform.md §5.3, §5.6.
///
/// @param ids none means all; otherwise there is one page
/// @param scopeId the session whose files are wanted
/// @param from where the page begins
record FileListQuery(Set<String> ids, Optional<String> scopeId, int limit, Optional<From> from) {
  static final int LIMIT_DEFAULT = 20;
  static final int LIMIT_MAX = 1_000;
  static final int IDS_MAX = 100;
  private static final String KIND = "f";
  private static final Instant TIME_MAX = Instant.parse("9999-12-31T23:59:59Z");

  /// In place of what cannot be the id of anything.
  private static final String NOBODY = "";

  /// Where a page begins.
  sealed interface From {
    /// Behind a place a cursor named.
    record Cursor(Instant createdAt, String fileId) implements From {
      String text() {
        return Cursors.text(KIND, createdAt, fileId);
      }
    }

    /// Behind a file, as earlier SDKs say it.
    record After(String fileId) implements From {}

    /// Before a file.
    record Before(String fileId) implements From {}
  }

  /// @throws ApiException 400 when a parameter breaks a rule
  static FileListQuery of(QueryParameters query, boolean legacy) {
    return legacy ? legacy(query) : current(query);
  }

  private static FileListQuery current(QueryParameters query) {
    Set<String> ids = new LinkedHashSet<>();
    query.list("ids").forEach(id -> ids.add(FileRules.isId(id) ? id : NOBODY));
    if (ids.size() > IDS_MAX) {
      throw refused(
          "`ids[]` names " + ids.size() + " files, but may name at most " + IDS_MAX + ".");
    }
    for (String name : List.of("page", "limit")) {
      if (!ids.isEmpty() && query.text(name).isPresent()) {
        throw refused("`" + name + "` does not go with `ids[]`, which gives one page.");
      }
    }
    return new FileListQuery(
        ids,
        scope(query),
        ids.isEmpty() ? query.limit(LIMIT_DEFAULT, LIMIT_MAX) : IDS_MAX,
        query.text("page").map(FileListQuery::cursor));
  }

  private static FileListQuery legacy(QueryParameters query) {
    for (String name : List.of("page", "ids[]", "ids")) {
      if (query.text(name).isPresent()) {
        throw refused(
            "`%s` does not go with the beta %s; without that beta it does."
                .formatted(name, FileView.LEGACY_BETA));
      }
    }
    Optional<From> after = query.text("after_id").map(From.After::new);
    Optional<From> before = query.text("before_id").map(From.Before::new);
    if (after.isPresent() && before.isPresent()) {
      throw refused("`after_id` and `before_id` exclude each other.");
    }
    return new FileListQuery(
        Set.of(), scope(query), query.limit(LIMIT_DEFAULT, LIMIT_MAX), after.or(() -> before));
  }

  private static Optional<String> scope(QueryParameters query) {
    return query
        .text("scope_id")
        .map(text -> SessionId.parse(text).map(SessionId::value).orElse(NOBODY));
  }

  private static From cursor(String text) {
    List<String> fields = Cursors.fields(text, KIND, 3);
    try {
      Instant createdAt = Instant.parse(fields.get(1));
      if (!FileRules.isId(fields.get(2))
          || createdAt.isBefore(Instant.EPOCH)
          || createdAt.isAfter(TIME_MAX)) {
        throw Cursors.unknown(text);
      }
      return new From.Cursor(createdAt, fields.get(2));
    } catch (DateTimeException e) {
      throw Cursors.unknown(text);
    }
  }

  private static ApiException refused(String message) {
    return new ApiException(ApiError.invalid(message));
  }
}
