package io.steward.harness.request;

import io.steward.schemas.id.Ids;
import java.util.Set;
import java.util.regex.Pattern;

/// Names under which a model knows the tools of MCP servers: `mcp__<server>__<tool>`. What a model
/// provider takes no name of (other characters, more than [#CHARS_MAX]) and what is taken already
/// gets a digest at its end, so that the name of a tool never depends on the other servers.
final class McpNames {
  /// The longest name that every provider takes.
  static final int CHARS_MAX = 64;

  private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9_-]");
  private static final int DIGEST_CHARS = 10;

  private McpNames() {}

  /// @param taken names that other tools have
  static String of(String server, String tool, Set<String> taken) {
    String plain = "mcp__" + clean(server) + "__" + clean(tool);
    boolean faithful = clean(server).equals(server) && clean(tool).equals(tool);
    if (faithful && plain.length() <= CHARS_MAX && !taken.contains(plain)) {
      return plain;
    }
    String digest = "_" + digest(server + "\n" + tool);
    return plain.substring(0, Math.min(plain.length(), CHARS_MAX - digest.length())) + digest;
  }

  private static String clean(String name) {
    return OTHER_CHARACTERS.matcher(name).replaceAll("_");
  }

  private static String digest(String text) {
    String id = Ids.derived("", text);
    return id.substring(id.length() - DIGEST_CHARS);
  }
}
