package io.steward.schemas.trace;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;

/// Names of attributes in spans. Those that begin with `steward.` are ours; the others are
/// OpenTelemetry's semantic conventions (docs/tracing.md).
public final class SpanKeys {
  public static final AttributeKey<String> OPERATION = text("gen_ai.operation.name");
  public static final AttributeKey<String> PROVIDER = text("gen_ai.provider.name");
  public static final AttributeKey<String> CONVERSATION = text("gen_ai.conversation.id");
  public static final AttributeKey<String> AGENT_ID = text("gen_ai.agent.id");
  public static final AttributeKey<String> AGENT_NAME = text("gen_ai.agent.name");
  public static final AttributeKey<String> AGENT_VERSION = text("gen_ai.agent.version");
  public static final AttributeKey<String> REQUEST_MODEL = text("gen_ai.request.model");
  public static final AttributeKey<Long> REQUEST_MAX_TOKENS = count("gen_ai.request.max_tokens");
  public static final AttributeKey<String> RESPONSE_MODEL = text("gen_ai.response.model");
  public static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
  public static final AttributeKey<Long> INPUT_TOKENS = count("gen_ai.usage.input_tokens");
  public static final AttributeKey<Long> OUTPUT_TOKENS = count("gen_ai.usage.output_tokens");
  public static final AttributeKey<Long> CACHE_CREATION_TOKENS =
      count("gen_ai.usage.cache_creation.input_tokens");
  public static final AttributeKey<Long> CACHE_READ_TOKENS =
      count("gen_ai.usage.cache_read.input_tokens");
  public static final AttributeKey<String> TOOL_NAME = text("gen_ai.tool.name");
  public static final AttributeKey<String> TOOL_CALL_ID = text("gen_ai.tool.call.id");
  public static final AttributeKey<String> TOOL_TYPE = text("gen_ai.tool.type");

  /// Only when the operator wants content.
  public static final AttributeKey<String> INPUT_MESSAGES = text("gen_ai.input.messages");

  /// Only when the operator wants content.
  public static final AttributeKey<String> OUTPUT_MESSAGES = text("gen_ai.output.messages");

  /// Only when the operator wants content.
  public static final AttributeKey<String> TOOL_ARGUMENTS = text("gen_ai.tool.call.arguments");

  /// Only when the operator wants content.
  public static final AttributeKey<String> TOOL_RESULT = text("gen_ai.tool.call.result");

  public static final AttributeKey<String> ERROR_TYPE = text("error.type");
  public static final AttributeKey<String> METHOD = text("http.request.method");
  public static final AttributeKey<String> ROUTE = text("http.route");
  public static final AttributeKey<Long> STATUS = count("http.response.status_code");
  public static final AttributeKey<String> SERVER_ADDRESS = text("server.address");
  public static final AttributeKey<Long> SERVER_PORT = count("server.port");
  public static final AttributeKey<String> MESSAGING_SYSTEM = text("messaging.system");
  public static final AttributeKey<String> DESTINATION = text("messaging.destination.name");
  public static final AttributeKey<String> DESTINATION_PARTITION =
      text("messaging.destination.partition.id");
  public static final AttributeKey<String> MESSAGING_OPERATION = text("messaging.operation.name");
  public static final AttributeKey<String> MESSAGING_TYPE = text("messaging.operation.type");
  public static final AttributeKey<Long> KAFKA_OFFSET = count("messaging.kafka.offset");

  /// The id of the workspace.
  public static final AttributeKey<String> WORKSPACE = text("steward.workspace.id");

  /// The id of a client's request, which its answer names.
  public static final AttributeKey<String> REQUEST_ID = text("steward.request.id");

  /// Why a turn ended.
  public static final AttributeKey<String> STOP_REASON = text("steward.stop_reason");

  /// What a model is asked for beside the conversation: `summary`.
  public static final AttributeKey<String> PURPOSE = text("steward.purpose");

  /// The name of an MCP server in its agent.
  public static final AttributeKey<String> MCP_SERVER = text("steward.mcp_server.name");

  /// What became of a call: a value of `outcome` of tool results.
  public static final AttributeKey<String> OUTCOME = text("steward.outcome");

  /// The driver that made a sandbox.
  public static final AttributeKey<String> SANDBOX_DRIVER = text("steward.sandbox.driver");

  /// Whether the call had its sandbox made.
  public static final AttributeKey<Boolean> SANDBOX_COLD =
      AttributeKey.booleanKey("steward.sandbox.cold");

  /// Ids of the credentials that were used.
  public static final AttributeKey<List<String>> CREDENTIALS =
      AttributeKey.stringArrayKey("steward.credential.ids");

  private SpanKeys() {}

  private static AttributeKey<String> text(String name) {
    return AttributeKey.stringKey(name);
  }

  private static AttributeKey<Long> count(String name) {
    return AttributeKey.longKey(name);
  }
}
