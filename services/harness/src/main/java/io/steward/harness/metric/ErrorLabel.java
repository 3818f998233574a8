package io.steward.harness.metric;

import io.steward.schemas.event.ErrorDetail;
import java.util.Set;

/// The type of a `session.error` as a label: one of the contract's, or `other`.
final class ErrorLabel {
  static final Set<String> TYPES =
      Set.of(
          ErrorDetail.UNKNOWN,
          ErrorDetail.MODEL_OVERLOADED,
          ErrorDetail.MODEL_RATE_LIMITED,
          ErrorDetail.MODEL_REQUEST_FAILED,
          ErrorDetail.MCP_CONNECTION_FAILED,
          ErrorDetail.MCP_AUTHENTICATION_FAILED,
          ErrorDetail.BILLING,
          ErrorDetail.TOOL_USE_LIMIT_REACHED,
          ErrorDetail.COMPACTION_LIMIT_REACHED,
          ErrorDetail.REPOSITORY_AUTHENTICATION,
          ErrorDetail.REPOSITORY_FORBIDDEN,
          ErrorDetail.REPOSITORY_NOT_FOUND,
          ErrorDetail.REPOSITORY_CHECKOUT,
          ErrorDetail.REPOSITORY_CLONE);

  private ErrorLabel() {}

  static String of(String type) {
    return TYPES.contains(type) ? type : TurnMeters.OTHER;
  }
}
