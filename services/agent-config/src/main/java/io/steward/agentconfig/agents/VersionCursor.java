package io.steward.agentconfig.agents;

import io.steward.agentconfig.http.Cursor;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;

/// Where a page of an agent's versions ends: a cursor whose id is the key of the last version.
final class VersionCursor {
  private VersionCursor() {}

  static Cursor of(String list, Agent last) {
    return new Cursor(list, last.updatedAt(), AgentVersionRow.key(last.id(), last.version()));
  }

  /// The version the next page lies below.
  ///
  /// @throws ApiException 400 when the cursor is another agent's
  static int version(Cursor cursor, String agentId) {
    String prefix = agentId + "/";
    if (cursor.id().startsWith(prefix)) {
      try {
        return Integer.parseInt(cursor.id().substring(prefix.length()));
      } catch (NumberFormatException _) {
        // Not made here: refused below.
      }
    }
    throw new ApiException(
        ApiError.invalid("`page` is not the `next_page` of a list of versions of this agent."));
  }
}
