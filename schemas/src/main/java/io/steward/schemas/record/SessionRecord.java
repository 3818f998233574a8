package io.steward.schemas.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.ListPrices;
import io.steward.schemas.resource.SessionResource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one record of `session-events` holds. A record is what was accepted or decided at once: all
/// events of one send, or one event of the harness, or an internal fact that no list shows.
///
/// session-log writes [Created], [EventsSent] and the `…Requested` records; the harness writes the
/// others (architecture §3).
public sealed interface SessionRecord {

  /// Wire types, in the `ce_type` header.
  String CREATED = "session.created";

  String EVENTS_SENT = "session.events_sent";
  String UPDATE_REQUESTED = "session.update_requested";
  String ARCHIVE_REQUESTED = "session.archive_requested";
  String DELETE_REQUESTED = "session.delete_requested";
  String MODEL_RESPONSE = "model.response";
  String RETRY_SCHEDULED = "retry.scheduled";
  String CONTEXT_SUMMARY = "context.summary";
  String CONTEXT_SUMMARY_FAILED = "context.summary_failed";
  String CONTEXT_EXCEEDED = "context.exceeded";
  String RESOURCE_ADD_REQUESTED = "session.resource_add_requested";
  String RESOURCE_UPDATE_REQUESTED = "session.resource_update_requested";
  String RESOURCE_DELETE_REQUESTED = "session.resource_delete_requested";
  String REPOSITORY_SETTLED = "repository.settled";
  String MCP_SERVER_SETTLED = "mcp.server_settled";
  String TOOL_OUTPUT_KEPT = "tool.output_kept";

  /// The session begins, with everything it was resolved to at that moment. Internal.
  ///
  /// @param initialEvents events that came with the creation, in order, not yet processed
  /// @param budget what it may cost, or null for no limit
  /// @param prices list prices of its model as of now, or null when the model has none
  /// @param attachments files that the initial events name, by file id
  record Created(
      SessionId id,
      String workspaceId,
      SessionAgent agent,
      SessionEnvironment environment,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String title,
      Map<String, String> metadata,
      List<SessionResource> resources,
      List<String> vaultIds,
      List<SessionEvent> initialEvents,
      @Nullable Budget budget,
      @Nullable ListPrices prices,
      Map<String, Attachment> attachments,
      Instant createdAt)
      implements SessionRecord {
    public Created {
      attachments = attachments == null ? Map.of() : Map.copyOf(attachments); // 0.1 had none.
      metadata = Map.copyOf(metadata);
      resources = List.copyOf(resources);
      vaultIds = List.copyOf(vaultIds);
      initialEvents = List.copyOf(initialEvents);
    }
  }

  /// The environment as it was when the session was created.
  ///
  /// @param config `config` of the environment, as the API returns it
  record SessionEnvironment(String id, JsonNode config) {
    /// Whether the user's own worker runs the sandbox tools.
    public boolean selfHosted() {
      return config.path("type").asText().equals("self_hosted");
    }
  }

  /// One accepted send: all its events, in order. Listed as they are until their processed copies
  /// come.
  ///
  /// @param attachments files that the events name, by file id
  record EventsSent(List<SessionEvent> events, Map<String, Attachment> attachments)
      implements SessionRecord {
    public EventsSent {
      events = List.copyOf(events);
      attachments = attachments == null ? Map.of() : Map.copyOf(attachments); // 0.1 had none.
    }

    public EventsSent(List<SessionEvent> events) {
      this(events, Map.of());
    }
  }

  /// A client wants to change the session. Absent fields are kept. Internal.
  ///
  /// @param title JSON null clears it
  /// @param metadata the whole map as it shall be
  /// @param agent the whole snapshot as it shall be; only while the session is not running
  /// @param budget the new [Budget], or JSON null to remove it
  record UpdateRequested(
      @Nullable JsonNode title,
      @Nullable Map<String, String> metadata,
      @Nullable SessionAgent agent,
      @Nullable JsonNode budget,
      Instant at)
      implements SessionRecord {}

  /// A client wants the session archived. Internal.
  record ArchiveRequested(Instant at) implements SessionRecord {}

  /// A client wants the session deleted. Internal.
  record DeleteRequested(Instant at) implements SessionRecord {}

  /// One public event of the harness, or the processed copy of what a client sent. Its JSON is the
  /// event's and its `ce_type` the event's type.
  record EventRecorded(SessionEvent event) implements SessionRecord {}

  /// What the model answered, block for block, as it must be sent back to it. Internal.
  ///
  /// @param content raw content blocks of the Messages API, with thinking signatures
  /// @param toolUseIds the model's `toolu_…` ids to ids of tool-use events
  /// @param stopReason the model's own, such as `end_turn`, `tool_use`, `refusal`
  record ModelResponse(
      String modelRequestStartId,
      String model,
      List<JsonNode> content,
      Map<String, String> toolUseIds,
      String stopReason,
      @Nullable StopDetails stopDetails,
      RequestUsage usage)
      implements SessionRecord {
    public ModelResponse {
      content = List.copyOf(content);
      toolUseIds = Map.copyOf(toolUseIds);
    }
  }

  /// The next attempt after a transient error starts at `retryAt`. Internal.
  ///
  /// @param attempt how many model requests in a row have failed, from 1
  record RetryScheduled(int attempt, Instant retryAt) implements SessionRecord {}

  /// The oldest entries of the conversation are replaced by a summary, for the model only.
  /// Internal.
  ///
  /// @param text what the model wrote about them
  /// @param entries how many entries of the transcript it stands for, from the oldest, an earlier
  ///   summary included
  /// @param usage what writing it took
  record ContextSummary(String text, int entries, RequestUsage usage) implements SessionRecord {}

  /// A summary was asked for and did not come. Internal.
  ///
  /// @param usage what the attempt took
  record ContextSummaryFailed(RequestUsage usage) implements SessionRecord {}

  /// The model provider refused a request because the conversation does not fit its context window.
  /// Internal.
  record ContextExceeded(String modelRequestStartId) implements SessionRecord {}

  /// A client wants a file mounted. Internal.
  record ResourceAddRequested(SessionResource resource, Instant at) implements SessionRecord {}

  /// A client has a new token for a repository. Internal.
  record ResourceUpdateRequested(String resourceId, String secretId, Instant at)
      implements SessionRecord {}

  /// A client wants a resource removed. Internal.
  record ResourceDeleteRequested(String resourceId, Instant at) implements SessionRecord {}

  /// A repository was cloned, or could not be. Internal.
  ///
  /// @param archiveKey of [io.steward.schemas.egress.RepositoryResult]; null when it failed
  record RepositorySettled(String resourceId, @Nullable String archiveKey)
      implements SessionRecord {}

  /// An MCP server told its tools, or cannot be used. Internal.
  ///
  /// @param serverName its name in the agent
  /// @param url it had in the agent
  /// @param tools in the server's order; null when they cannot be had
  record McpServerSettled(String serverName, String url, @Nullable List<McpTool> tools)
      implements SessionRecord {
    public McpServerSettled {
      tools = tools == null ? null : List.copyOf(tools);
    }
  }

  /// The result of a call was too long for the model; from now on a sandbox shows all of it.
  /// Internal.
  ///
  /// @param blobKey of the text in the blob store, UTF-8
  record ToolOutputKept(String toolUseId, String blobKey, long sizeBytes)
      implements SessionRecord {}

  /// A record of a later version of Steward.
  ///
  /// @param mayIgnore whether its writer said that an older reader may go on without it
  record Unrecognized(String type, boolean mayIgnore) implements SessionRecord {}
}
