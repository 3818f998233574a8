package io.steward.bench.scenario;

import io.steward.bench.api.Api;
import io.steward.bench.api.Conversation;
import io.steward.bench.model.TimedModel;
import io.steward.bench.steward.Installation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What scenarios run on: a Steward with a timed model behind it, an environment and two agents.
///
/// @param quick whether loads are cut short
public record Ground(
    Installation installation,
    TimedModel model,
    Api api,
    String environment,
    String plainAgent,
    String toolAgent,
    boolean quick) {
  /// Makes the environment and the agents.
  public static Ground on(Installation installation, TimedModel model, boolean quick)
      throws IOException, InterruptedException {
    Api api = new Api(installation.baseUrl(), Installation.API_KEY);
    return new Ground(
        installation,
        model,
        api,
        api.createEnvironment(),
        api.createAgent(TimedModel.MODEL, false),
        api.createAgent(TimedModel.MODEL, true),
        quick);
  }

  /// The size of a load.
  int pick(int whole, int cutShort) {
    return quick ? cutShort : whole;
  }

  /// A new session without tools.
  String plainSession() throws IOException, InterruptedException {
    return api.createSession(plainAgent, environment);
  }

  /// A new session without tools, its stream open.
  Conversation plain() throws IOException, InterruptedException {
    return Conversation.open(api, model, plainSession(), false);
  }

  /// A new session without tools, its stream open for previews, too.
  Conversation previewed() throws IOException, InterruptedException {
    return Conversation.open(api, model, plainSession(), true);
  }

  /// A new session with the built-in tools, its stream open.
  Conversation withTools() throws IOException, InterruptedException {
    return Conversation.open(api, model, api.createSession(toolAgent, environment), false);
  }

  /// So many of them.
  Conversations conversations(int count, Opening opening) throws IOException, InterruptedException {
    List<Conversation> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(opening.open());
    }
    return new Conversations(all);
  }

  /// Opens a conversation.
  interface Opening {
    Conversation open() throws IOException, InterruptedException;
  }

  /// Conversations that are closed together.
  record Conversations(List<Conversation> all) implements AutoCloseable {
    /// One after another, and again from the first.
    Conversation of(int index) {
      return all.get(index % all.size());
    }

    @Override
    public void close() {
      all.forEach(Conversation::close);
    }
  }
}
