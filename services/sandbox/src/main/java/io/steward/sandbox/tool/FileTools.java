package io.steward.sandbox.tool;

import io.steward.sandbox.shim.HelperEnd;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// `read`, `write` and `edit`. The file is touched inside the sandbox; what is made of it is here.
final class FileTools {
  /// Largest file that is read or edited as a whole, and largest range, in bytes.
  static final int FILE_BYTES_MAX = 262_144;

  private final Sandbox sandbox;
  private final Toolset.Call call;
  private final Duration timeout;
  private int helpers;

  FileTools(Sandbox sandbox, Toolset.Call call, Duration timeout) {
    this.sandbox = sandbox;
    this.call = call;
    this.timeout = timeout;
  }

  /// What comes with a file that is written, for whoever has to tell of it instead.
  ///
  /// @param done what the model reads when it went well
  record Note(String tool, String path, String done) {}

  ToolAnswer read(ToolRequest.Read request) {
    Map<String, String> arguments = fetchArguments(request.filePath());
    request
        .viewRange()
        .ifPresent(range -> {
          long start = Math.max(1, range.start());
          arguments.put("from", Long.toString(start));
          long count = Math.max(0, range.end() - start + 1);
          arguments.put("count", range.toEnd() ? "" : Long.toString(count));
        });
    return help(
        "read",
        request.filePath(),
        "fetch",
        arguments,
        answer -> FileText.read(request, Long.parseLong(answer.field()), answer.rest().body()));
  }

  ToolAnswer write(ToolRequest.Write request) {
    byte[] content = request.content().getBytes(StandardCharsets.UTF_8);
    return store(
        "write",
        request.filePath(),
        content,
        "wrote " + content.length + " bytes to " + request.filePath());
  }

  ToolAnswer edit(ToolRequest.Edit request) {
    return help(
        "edit",
        request.filePath(),
        "fetch",
        fetchArguments(request.filePath()),
        answer -> edit(request, Long.parseLong(answer.field()), answer.rest().body()));
  }

  private ToolAnswer edit(ToolRequest.Edit request, long size, byte[] content) {
    String path = request.filePath();
    if (size > FILE_BYTES_MAX) {
      return ToolAnswer.failed(
          "edit: %s is %d bytes, exceeds %d-byte limit. The edit tool loads the whole file and cannot modify a file this large."
              .formatted(path, size, FILE_BYTES_MAX));
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      return ToolAnswer.failed("edit: " + path + " is not a UTF-8 text file");
    }
    return switch (FileText.replace(text, request)) {
      case FileText.Replacement.Refused(String message) -> ToolAnswer.failed(message);
      case FileText.Replacement.Done(String updated, int count) ->
          store(
              "edit",
              path,
              updated.getBytes(StandardCharsets.UTF_8),
              "edited " + path + " (" + count + " replacement(s))");
    };
  }

  private ToolAnswer store(String tool, String path, byte[] content, String done) {
    Map<String, byte[]> files = new HashMap<>(Map.of("path", utf8(path), "content", content));
    if (sandbox.isLasting()) {
      files.put("note", Json.bytes(new Note(tool, path, done)));
    }
    return finish(tool, path, help("store", files), _ -> ToolAnswer.completed(done));
  }

  /// What the model reads of a file that was written for an earlier life of this service. Empty
  /// when the inside meddled with what it remembers.
  static Optional<ToolAnswer> stored(String note, byte[] bytes) {
    try {
      Note known = Json.read(utf8(note), Note.class);
      HelperAnswer answer = HelperAnswer.parse(bytes);
      return Optional.of(
          answer.ok()
              ? ToolAnswer.completed(known.done())
              : ToolAnswer.failed(
                  reason(known.tool(), known.path(), answer.field(), answer.rest().field())));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  private static Map<String, String> fetchArguments(String path) {
    Map<String, String> arguments = new HashMap<>();
    arguments.put("path", path);
    arguments.put("limit", Integer.toString(FILE_BYTES_MAX));
    arguments.put("from", "");
    arguments.put("count", "");
    return arguments;
  }

  /// Runs helper `helper` with text arguments and makes an answer of what it says.
  ToolAnswer help(
      String tool,
      String path,
      String helper,
      Map<String, String> arguments,
      Function<HelperAnswer, ToolAnswer> onOk) {
    Map<String, byte[]> files = new HashMap<>();
    arguments.forEach((name, value) -> files.put(name, utf8(value)));
    return finish(tool, path, help(helper, files), onOk);
  }

  private HelperEnd help(String helper, Map<String, byte[]> files) {
    String name = CallName.of(call.toolUseId()) + "." + ++helpers;
    return sandbox.help(name, helper, files, timeout, call.cancellation());
  }

  private ToolAnswer finish(
      String tool, String path, HelperEnd end, Function<HelperAnswer, ToolAnswer> onOk) {
    return switch (end) {
      case HelperEnd.Answered(byte[] bytes) -> {
        HelperAnswer answer = HelperAnswer.parse(bytes);
        yield answer.ok()
            ? onOk.apply(answer)
            : ToolAnswer.failed(reason(tool, path, answer.field(), answer.rest().field()));
      }
      case HelperEnd.TimedOut() ->
          ToolAnswer.timedOut(tool + ": timed out after " + timeout.toMillis() + " ms");
      case HelperEnd.Canceled() -> ToolAnswer.canceled(tool + ": canceled");
      case HelperEnd.SandboxLost(String reason) ->
          ToolAnswer.failed(
              tool
                  + ": the sandbox ended: "
                  + reason
                  + ". It may have done its work; look before you try again.");
    };
  }

  private static String reason(String tool, String path, String kind, String detail) {
    return switch (kind) {
      case "outside" ->
          tool
              + ": path \""
              + path
              + "\" is outside the session's working directory and its other permitted directories"
              + " (/workspace, /tmp, /mnt/session/uploads, /mnt/session/outputs)";
      case "missing" -> tool + ": " + path + ": no such file or directory";
      case "denied" -> tool + ": " + path + ": permission denied";
      case "notdirectory" -> tool + ": " + path + ": not a directory";
      case "directory" -> tool + ": " + path + ": is a directory";
      case "irregular" -> tool + ": " + path + " is not a regular file";
      case "loop" -> tool + ": " + path + ": too many levels of symbolic links or a dangling link";
      case "toolong" -> tool + ": " + path + ": file name too long";
      case "nospace" -> tool + ": " + path + ": no space left on device";
      case "readonly" -> tool + ": " + path + " is inside read-only directory " + detail;
      case "pattern" -> tool + ": invalid regex: " + detail;
      default -> tool + ": " + path + ": i/o error";
    };
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static List<String> lines(String text) {
    return List.of(text.split("\n", -1));
  }
}
