package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/// Which permission policy decided about a tool call. Source: contract/events.md §6.6.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Evaluation.AlwaysAllow.class, name = "always_allow"),
  @JsonSubTypes.Type(value = Evaluation.AlwaysAsk.class, name = "always_ask"),
  @JsonSubTypes.Type(value = Evaluation.Auto.class, name = "auto")
})
public sealed interface Evaluation {
  /// The call runs.
  record AlwaysAllow() implements Evaluation {}

  /// The call waits for a confirmation.
  record AlwaysAsk() implements Evaluation {}

  /// The server judged the call.
  record Auto(Judgement evaluatedPermission) implements Evaluation {}

  /// @param reasonCode `high_risk` or `indeterminate`; null when allowed
  record Judgement(Permission type, @Nullable String reasonCode) {}

  /// What may happen with a tool call.
  enum Permission {
    @JsonProperty("allow")
    ALLOW,
    @JsonProperty("ask")
    ASK,
    @JsonProperty("deny")
    DENY
  }
}
