package io.steward.schemas.agent;

/// As whom an agent runs. Steward knows the service account only: a role of a cloud provider means
/// nothing outside that cloud and is refused. Source: contract/core.md §2.3, §9.
///
/// @param type always `service_account`
public record ExecutionIdentity(String type) {
  public static final ExecutionIdentity SERVICE_ACCOUNT = new ExecutionIdentity("service_account");
}
