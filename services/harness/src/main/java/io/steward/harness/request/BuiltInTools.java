package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;

/// The built-in tools the model can be offered, with their input schemas. Source: contract/core.md
/// §7.1.
final class BuiltInTools {
  private static final Map<String, JsonNode> TOOLS =
      Map.of(
          "bash",
          parse(
              """
              {"name":"bash","description":"Runs a command in a bash shell inside the session's \
              sandbox and returns what it prints. The shell is kept between calls: working \
              directory, variables and background jobs stay. Set restart to get a new shell.",\
              "input_schema":{"type":"object","properties":{\
              "command":{"type":"string","description":"Shell text to run; required unless restart is set"},\
              "restart":{"type":"boolean","description":"Start a new shell; with a command, the command then runs in it"},\
              "timeout_ms":{"type":"integer","description":"Longest time the command may take, in milliseconds"}}}}\
              """),
          "read",
          parse(
              """
              {"name":"read","description":"Reads a text file in the sandbox.",\
              "input_schema":{"type":"object","properties":{\
              "file_path":{"type":"string","description":"Path relative to the working directory, or absolute"},\
              "view_range":{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2,\
              "description":"First and last line, from 1, both included; a last line of 0 or less means the end of the file"}},\
              "required":["file_path"]}}\
              """),
          "write",
          parse(
              """
              {"name":"write","description":"Writes a whole file in the sandbox, replacing what was there.",\
              "input_schema":{"type":"object","properties":{\
              "file_path":{"type":"string","description":"Path relative to the working directory, or absolute"},\
              "content":{"type":"string","description":"The whole content of the file"}},\
              "required":["file_path","content"]}}\
              """),
          "edit",
          parse(
              """
              {"name":"edit","description":"Replaces text in a file in the sandbox.",\
              "input_schema":{"type":"object","properties":{\
              "file_path":{"type":"string","description":"Path relative to the working directory, or absolute"},\
              "old_string":{"type":"string","description":"The text to replace; it must occur exactly once unless replace_all is set"},\
              "new_string":{"type":"string","description":"The text to put in its place"},\
              "replace_all":{"type":"boolean","description":"Replace every occurrence"}},\
              "required":["file_path","old_string","new_string"]}}\
              """),
          "glob",
          parse(
              """
              {"name":"glob","description":"Finds files in the sandbox by a pattern such as **/*.java.",\
              "input_schema":{"type":"object","properties":{\
              "pattern":{"type":"string","description":"Glob pattern; ** matches any number of directories"},\
              "path":{"type":"string","description":"Directory to search in; the working directory by default"}},\
              "required":["pattern"]}}\
              """),
          "grep",
          parse(
              """
              {"name":"grep","description":"Searches files in the sandbox for a regular expression.",\
              "input_schema":{"type":"object","properties":{\
              "pattern":{"type":"string","description":"Regular expression"},\
              "path":{"type":"string","description":"File or directory to search in; the working directory by default"}},\
              "required":["pattern"]}}\
              """),
          ToolConfig.WEB_FETCH,
          parse(
              """
              {"name":"web_fetch","description":"Fetches a page of the web and returns its text. \
              HTML and PDF are made text of.",\
              "input_schema":{"type":"object","properties":{\
              "url":{"type":"string","description":"Absolute http or https URL"}},\
              "required":["url"]}}\
              """),
          ToolConfig.WEB_SEARCH,
          parse(
              """
              {"name":"web_search","description":"Searches the web and returns titles, URLs and \
              short excerpts of the best results.",\
              "input_schema":{"type":"object","properties":{\
              "query":{"type":"string","description":"What to search for, at most 500 characters"}},\
              "required":["query"]}}\
              """));

  private BuiltInTools() {}

  /// Whether there is a built-in tool of that name.
  static boolean has(String name) {
    return TOOLS.containsKey(name);
  }

  static Iterable<String> names() {
    return TOOLS.keySet();
  }

  /// Names of the tools that run in a sandbox.
  static Stream<String> inSandbox() {
    return TOOLS.keySet().stream().filter(name -> !ToolConfig.WEB_TOOLS.contains(name));
  }

  /// The tool as the Messages API wants it.
  static JsonNode definition(String name) {
    JsonNode tool = TOOLS.get(name);
    if (tool == null) {
      throw new IllegalArgumentException("no built-in tool " + name);
    }
    return tool;
  }

  private static JsonNode parse(String json) {
    return Json.tree(json.getBytes(StandardCharsets.UTF_8));
  }
}
