package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// Whether a tool call runs without a person's word. Source: contract/core.md §2.6.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PermissionPolicy.AlwaysAllow.class, name = "always_allow"),
  @JsonSubTypes.Type(value = PermissionPolicy.AlwaysAsk.class, name = "always_ask"),
  @JsonSubTypes.Type(value = PermissionPolicy.Auto.class, name = "auto")
})
public sealed interface PermissionPolicy {
  /// Every call runs.
  record AlwaysAllow() implements PermissionPolicy {}

  /// Every call waits for a `user.tool_confirmation`.
  record AlwaysAsk() implements PermissionPolicy {}

  /// The server judges each call.
  record Auto() implements PermissionPolicy {}
}
