package io.steward.schemas.egress;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.resource.SessionResource.Checkout;
import org.jspecify.annotations.Nullable;

/// What the harness asks of vault-proxy: records of `egress-commands`. A record may come twice.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(
      value = EgressCommand.CloneRepository.class,
      name = EgressCommand.CLONE_REPOSITORY),
  @JsonSubTypes.Type(value = EgressCommand.ForgetSession.class, name = EgressCommand.FORGET_SESSION)
})
public sealed interface EgressCommand {
  String CLONE_REPOSITORY = "egress.clone_repository";
  String FORGET_SESSION = "egress.forget_session";

  SessionId sessionId();

  /// Clone a repository into the blob store. Cloning twice does no harm: the answer is the same.
  ///
  /// @param resourceId the resource it is for
  /// @param attempt names this attempt; the answer carries it
  /// @param secretId the token to use, or null to go without
  record CloneRepository(
      SessionId sessionId,
      String resourceId,
      String attempt,
      String url,
      @Nullable Checkout checkout,
      @Nullable String secretId)
      implements EgressCommand {}

  /// The session is gone: forget its secrets.
  record ForgetSession(SessionId sessionId) implements EgressCommand {}

  /// The CloudEvents type of this command.
  default String type() {
    return switch (this) {
      case CloneRepository _ -> CLONE_REPOSITORY;
      case ForgetSession _ -> FORGET_SESSION;
    };
  }
}
