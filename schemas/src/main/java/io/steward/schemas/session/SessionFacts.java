package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.mcp.McpServers;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.KeptOutputs;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.trace.TurnTraces;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known about a session in every state.
///
/// @param agent the snapshot as it is now; updates may have changed its tools
/// @param budget what it may cost, or null for no limit
/// @param attachments files its events name, by file id
/// @param answers digests of the newest answers to tool calls, oldest first, at most [#ANSWERS_MAX]
/// @param announcements effects the harness has still to write, in order
/// @param lastRequest what came of the newest `…_requested` record, or null
/// @param lastEventAt no later event has an earlier `processed_at`
/// @param traces where its turns are in traces, or null when nobody traces them
/// @param nextOffset one more than the offset of the last record applied
public record SessionFacts(
    SessionId id,
    String workspaceId,
    SessionAgent agent,
    SessionRecord.SessionEnvironment environment,
    @Nullable String title,
    Map<String, String> metadata,
    Resources resources,
    List<String> vaultIds,
    McpServers mcpServers,
    KeptOutputs keptOutputs,
    Transcript transcript,
    Inbox inbox,
    Meter meter,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Budget budget,
    Map<String, Attachment> attachments,
    List<Answer> answers,
    List<Announcement> announcements,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable RequestOutcome lastRequest,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant archivedAt,
    Instant lastEventAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TurnTraces traces,
    long nextOffset) {

  /// How many answers to tool calls are remembered, to tell a repeated answer from a second one.
  public static final int ANSWERS_MAX = 256;

  public SessionFacts {
    metadata = Map.copyOf(metadata);
    attachments = Map.copyOf(attachments);
    vaultIds = List.copyOf(vaultIds);
    mcpServers = mcpServers == null ? McpServers.NONE : mcpServers; // Folds of 0.1 had none.
    keptOutputs = keptOutputs == null ? KeptOutputs.NONE : keptOutputs;
    answers = List.copyOf(answers);
    announcements = List.copyOf(announcements);
  }

  /// A client's answer to a tool call.
  ///
  /// @param event as it was accepted first
  public record Answer(SessionEvent.ToolAnswer event) {}

  /// Whether a client's request took effect.
  ///
  /// @param refusal why not, or null when it did
  public record RequestOutcome(String recordId, @Nullable String refusal) {}

  static SessionFacts created(SessionRecord.Created created, Instant time, long nextOffset) {
    return new SessionFacts(
        created.id(),
        created.workspaceId(),
        created.agent(),
        created.environment(),
        created.title(),
        created.metadata(),
        Resources.of(created.resources()),
        created.vaultIds(),
        McpServers.NONE,
        KeptOutputs.NONE,
        Transcript.EMPTY,
        new Inbox(created.initialEvents()),
        Meter.zero(created.prices()),
        created.budget(),
        created.attachments(),
        List.of(),
        List.of(),
        null,
        created.createdAt(),
        time,
        null,
        time,
        null,
        nextOffset);
  }

  /// The id of the primary thread.
  public String threadId() {
    return id.primaryThreadId();
  }

  SessionFacts read(Instant time, long offset) {
    return new Editor(this).updatedAt(time).nextOffset(offset + 1).done();
  }

  SessionFacts withTraces(TurnTraces value) {
    return new Editor(this).traces(value.equals(TurnTraces.NONE) ? null : value).done();
  }

  SessionFacts withTranscript(Transcript value) {
    return new Editor(this).transcript(value).done();
  }

  SessionFacts withInbox(Inbox value) {
    return new Editor(this).inbox(value).done();
  }

  SessionFacts withMeter(Meter value) {
    return new Editor(this).meter(value).done();
  }

  SessionFacts withResources(Resources value) {
    return new Editor(this).resources(value).done();
  }

  SessionFacts withMcpServers(McpServers value) {
    return new Editor(this).mcpServers(value).done();
  }

  SessionFacts withKeptOutputs(KeptOutputs value) {
    return new Editor(this).keptOutputs(value).done();
  }

  SessionFacts withAttachments(Map<String, Attachment> more) {
    if (more.isEmpty()) {
      return this;
    }
    Map<String, Attachment> all = new HashMap<>(attachments);
    all.putAll(more);
    return new Editor(this).attachments(all).done();
  }

  SessionFacts withBudget(@Nullable Budget value) {
    return new Editor(this).budget(value).done();
  }

  /// Everything a sandbox of the session has to show.
  public List<SandboxMount> mounts() {
    List<SandboxMount> mounts = new ArrayList<>(resources.mounts());
    mounts.addAll(keptOutputs.files());
    return mounts;
  }

  /// What a sandbox of the session may reach beside what its environment says.
  public SandboxNetwork network() {
    return new SandboxNetwork(
        agent.mcpServers().stream().map(McpServer::url).distinct().toList(),
        vaultIds,
        resources.tokens());
  }

  /// MCP servers of the agent that are still to be asked for their tools, in the agent's order.
  public List<McpServer> pendingMcpServers() {
    return mcpServers.pending(agent.mcpServers());
  }

  /// Whether the list cost has reached the budget at `time`.
  public boolean budgetReached(Instant time) {
    return budget != null && meter.costAt(time).compareTo(budget.maxListCost().dollars()) >= 0;
  }

  SessionFacts withEventAt(@Nullable Instant time) {
    return time == null || !time.isAfter(lastEventAt)
        ? this
        : new Editor(this).lastEventAt(time).done();
  }

  SessionFacts withAnswer(SessionEvent.ToolAnswer answer) {
    List<Answer> longer = new ArrayList<>(answers);
    longer.add(new Answer(answer));
    if (longer.size() > ANSWERS_MAX) {
      longer.removeFirst();
    }
    return new Editor(this).answers(longer).done();
  }

  SessionFacts withRequest(String recordId, @Nullable String refusal) {
    return new Editor(this).lastRequest(new RequestOutcome(recordId, refusal)).done();
  }

  SessionFacts withAnnouncement(Announcement announcement) {
    List<Announcement> longer = new ArrayList<>(announcements);
    longer.add(announcement);
    return new Editor(this).announcements(longer).done();
  }

  SessionFacts announced() {
    return announcements.isEmpty()
        ? this
        : new Editor(this).announcements(announcements.subList(1, announcements.size())).done();
  }

  SessionFacts archived(Instant time) {
    return new Editor(this).archivedAt(time).done();
  }

  SessionFacts withSettings(
      SessionAgent newAgent, @Nullable String newTitle, Map<String, String> newMetadata) {
    return new Editor(this).settings(newAgent, newTitle, newMetadata).done();
  }

  /// Copies facts with some of them replaced: Java's records cannot yet do it themselves.
  private static final class Editor {
    private final SessionFacts from;
    private SessionAgent agent;
    private @Nullable String title;
    private Map<String, String> metadata;
    private Transcript transcript;
    private Inbox inbox;
    private Meter meter;
    private Resources resources;
    private McpServers mcpServers;
    private KeptOutputs keptOutputs;
    private @Nullable Budget budget;
    private Map<String, Attachment> attachments;
    private List<Answer> answers;
    private List<Announcement> announcements;
    private @Nullable RequestOutcome lastRequest;
    private Instant updatedAt;
    private @Nullable Instant archivedAt;
    private Instant lastEventAt;
    private @Nullable TurnTraces traces;
    private long nextOffset;

    Editor(SessionFacts from) {
      this.from = from;
      agent = from.agent;
      title = from.title;
      metadata = from.metadata;
      transcript = from.transcript;
      inbox = from.inbox;
      meter = from.meter;
      resources = from.resources;
      mcpServers = from.mcpServers;
      keptOutputs = from.keptOutputs;
      budget = from.budget;
      attachments = from.attachments;
      answers = from.answers;
      announcements = from.announcements;
      lastRequest = from.lastRequest;
      updatedAt = from.updatedAt;
      archivedAt = from.archivedAt;
      lastEventAt = from.lastEventAt;
      traces = from.traces;
      nextOffset = from.nextOffset;
    }

    Editor settings(
        SessionAgent newAgent, @Nullable String newTitle, Map<String, String> newMetadata) {
      agent = newAgent;
      title = newTitle;
      metadata = newMetadata;
      return this;
    }

    Editor transcript(Transcript value) {
      transcript = value;
      return this;
    }

    Editor inbox(Inbox value) {
      inbox = value;
      return this;
    }

    Editor meter(Meter value) {
      meter = value;
      return this;
    }

    Editor resources(Resources value) {
      resources = value;
      return this;
    }

    Editor mcpServers(McpServers value) {
      mcpServers = value;
      return this;
    }

    Editor keptOutputs(KeptOutputs value) {
      keptOutputs = value;
      return this;
    }

    Editor budget(@Nullable Budget value) {
      budget = value;
      return this;
    }

    Editor attachments(Map<String, Attachment> value) {
      attachments = value;
      return this;
    }

    Editor answers(List<Answer> value) {
      answers = value;
      return this;
    }

    Editor announcements(List<Announcement> value) {
      announcements = value;
      return this;
    }

    Editor lastRequest(RequestOutcome value) {
      lastRequest = value;
      return this;
    }

    Editor updatedAt(Instant value) {
      updatedAt = value;
      return this;
    }

    Editor archivedAt(Instant value) {
      archivedAt = value;
      return this;
    }

    Editor lastEventAt(Instant value) {
      lastEventAt = value;
      return this;
    }

    Editor traces(@Nullable TurnTraces value) {
      traces = value;
      return this;
    }

    Editor nextOffset(long value) {
      nextOffset = value;
      return this;
    }

    SessionFacts done() {
      return new SessionFacts(
          from.id,
          from.workspaceId,
          agent,
          from.environment,
          title,
          metadata,
          resources,
          from.vaultIds,
          mcpServers,
          keptOutputs,
          transcript,
          inbox,
          meter,
          budget,
          attachments,
          answers,
          announcements,
          lastRequest,
          from.createdAt,
          updatedAt,
          archivedAt,
          lastEventAt,
          traces,
          nextOffset);
    }
  }
}
