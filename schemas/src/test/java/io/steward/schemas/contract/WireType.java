package io.steward.schemas.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.EventTypes;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.query.SessionQuery;
import io.steward.schemas.query.SessionSnapshot;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// Which Java type reads and writes the JSON of a wire type.
final class WireType {
  /// `agent.head` has none: it is three fields that agent-config writes and readers pick from.
  static final String WITHOUT_CLASS = "agent.head";

  private static final Map<String, Class<?>> CLASSES = classes();

  private WireType() {}

  static Map<String, Class<?>> all() {
    return CLASSES;
  }

  static JsonNode readAndWrite(String type, JsonNode json) {
    Class<?> javaType = CLASSES.get(type);
    if (javaType == null) {
      throw new IllegalArgumentException("no Java type for " + type);
    }
    return Json.tree(Json.bytes(Json.read(Json.bytes(json), javaType)));
  }

  private static Map<String, Class<?>> classes() {
    Map<String, Class<?>> classes = new HashMap<>();
    EventTypes.known().forEach(type -> classes.put(type, SessionEvent.class));
    classes.put(SessionRecord.CREATED, SessionRecord.Created.class);
    classes.put(SessionRecord.EVENTS_SENT, SessionRecord.EventsSent.class);
    classes.put(SessionRecord.UPDATE_REQUESTED, SessionRecord.UpdateRequested.class);
    classes.put(SessionRecord.ARCHIVE_REQUESTED, SessionRecord.ArchiveRequested.class);
    classes.put(SessionRecord.DELETE_REQUESTED, SessionRecord.DeleteRequested.class);
    classes.put(SessionRecord.MODEL_RESPONSE, SessionRecord.ModelResponse.class);
    classes.put(SessionRecord.RETRY_SCHEDULED, SessionRecord.RetryScheduled.class);
    classes.put(SessionRecord.CONTEXT_SUMMARY, SessionRecord.ContextSummary.class);
    classes.put(SessionRecord.CONTEXT_SUMMARY_FAILED, SessionRecord.ContextSummaryFailed.class);
    classes.put(SessionRecord.CONTEXT_EXCEEDED, SessionRecord.ContextExceeded.class);
    classes.put(SessionRecord.RESOURCE_ADD_REQUESTED, SessionRecord.ResourceAddRequested.class);
    classes.put(
        SessionRecord.RESOURCE_UPDATE_REQUESTED, SessionRecord.ResourceUpdateRequested.class);
    classes.put(
        SessionRecord.RESOURCE_DELETE_REQUESTED, SessionRecord.ResourceDeleteRequested.class);
    classes.put(SessionRecord.REPOSITORY_SETTLED, SessionRecord.RepositorySettled.class);
    classes.put(SessionRecord.TOOL_OUTPUT_KEPT, SessionRecord.ToolOutputKept.class);
    classes.put(SessionRecord.MCP_SERVER_SETTLED, SessionRecord.McpServerSettled.class);
    Stream.of(
            EgressCommand.CLONE_REPOSITORY,
            EgressCommand.LIST_MCP_TOOLS,
            EgressCommand.CALL_MCP_TOOL,
            EgressCommand.FETCH_PAGE,
            EgressCommand.SEARCH_WEB,
            EgressCommand.CANCEL_CALLS,
            EgressCommand.FORGET_SESSION)
        .forEach(type -> classes.put(type, EgressCommand.class));
    classes.put(McpToolList.TYPE, McpToolList.class);
    classes.put(RepositoryResult.TYPE, RepositoryResult.class);
    classes.put(SandboxOutput.TYPE, SandboxOutput.class);
    classes.put(SealedSecret.TYPE, SealedSecret.class);
    classes.put(SealingKey.TYPE, SealingKey.class);
    classes.put(SandboxAuthority.TYPE, SandboxAuthority.class);
    classes.put(VaultHead.TYPE, VaultHead.class);
    classes.put(CredentialUse.TYPE, CredentialUse.class);
    Stream.of(
            SandboxCommand.RUN_TOOL,
            SandboxCommand.CANCEL_TOOLS,
            SandboxCommand.PREPARE,
            SandboxCommand.END,
            SandboxCommand.DELETE)
        .forEach(type -> classes.put(type, SandboxCommand.class));
    Stream.of(SandboxEvent.Type.values())
        .forEach(type -> classes.put(type.wireName(), SandboxEvent.class));
    classes.put(ToolResult.TYPE, ToolResult.class);
    classes.put(SessionQuery.TYPE, SessionQuery.class);
    classes.put(SessionSnapshot.TYPE, SessionSnapshot.class);
    classes.put(SessionPreview.TYPE, SessionPreview.class);
    classes.put(SessionProgress.TYPE, SessionProgress.class);
    classes.put("agent.version", Agent.class);
    classes.put("environment", Environment.class);
    classes.put(EnvironmentKey.TYPE, EnvironmentKey.class);
    return Map.copyOf(classes);
  }
}
