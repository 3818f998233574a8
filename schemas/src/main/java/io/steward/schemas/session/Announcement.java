package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.SessionAgent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An effect of a client's request that the harness still has to write as a public event.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Announcement.Updated.class, name = "updated"),
  @JsonSubTypes.Type(value = Announcement.Archived.class, name = "archived")
})
public sealed interface Announcement {
  /// To be written as `session.updated`; only changed fields are present.
  record Updated(
      @Nullable SessionAgent agent,
      @Nullable Map<String, String> metadata,
      @Nullable JsonNode title,
      @Nullable JsonNode budget)
      implements Announcement {}

  /// To be written as `session.status_terminated`.
  record Archived() implements Announcement {}
}
