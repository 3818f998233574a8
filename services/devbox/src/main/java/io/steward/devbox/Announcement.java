package io.steward.devbox;

import io.steward.devbox.settings.Secret;
import io.steward.devbox.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/// What is printed when everything is ready.
final class Announcement {
  private static final String DEMO =
      """

      NO MODEL KEY IS SET: THE BUILT-IN DEMO MODEL IS IN USE. IT IS NOT A LANGUAGE MODEL.
      It runs each line of your message that starts with "$ " in the sandbox and says what came out.
      For a real model: ANTHROPIC_API_KEY=... ./steward dev\
      """;

  private Announcement() {}

  /// The text.
  static String of(Settings settings, Secret key, boolean demo) {
    String url = "http://127.0.0.1:" + settings.port();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Steward is ready: " + url);
    lines.add("  key    " + key.value());
    lines.add("  data   " + settings.dataDirectory());
    lines.add("  Kafka  127.0.0.1:" + settings.kafkaPort());
    if (demo) {
      lines.add(DEMO);
    }
    switch (settings.sandbox()) {
      case PROCESS -> {
        lines.add("");
        lines.add("WARNING: STEWARD_SANDBOX=process: TOOLS RUN AS YOUR USER, WITHOUT ISOLATION.");
      }
      case NONE -> {
        lines.add("");
        lines.add("STEWARD_SANDBOX=none: built-in tools answer with an error.");
      }
      case AUTO, BUBBLEWRAP -> {}
    }
    lines.add("");
    lines.add("First call:");
    String header = " -H 'x-api-key: " + key.value() + "'";
    if (demo) {
      lines.add("  curl " + url + "/v1/agents" + header + " \\");
      lines.add(
          "    -H 'content-type: application/json' -d '{\"name\":\"First\",\"model\":\"demo\","
              + "\"tools\":[{\"type\":\"agent_toolset_20260401\"}]}'");
    } else {
      lines.add("  curl " + url + "/v1/models" + header);
    }
    lines.add("With an official SDK, for example TypeScript:");
    lines.add(
        "  const client = new Anthropic({ baseURL: '"
            + url
            + "', apiKey: '"
            + key.value()
            + "' });");
    lines.add("  for await (const agent of client.beta.agents.list()) console.log(agent.name);");
    lines.add("Ctrl-C stops everything.");
    return String.join("\n", lines);
  }
}
