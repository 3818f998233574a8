package io.steward.vaultproxy.clone;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What to clone, and how far to go. It goes from the service to the program through a pipe,
/// because a command line and an environment can be read by others.
///
/// @param url `https`, without user information
/// @param token for the host of the url and no other, or null
/// @param authority a PEM file with a certificate authority to trust beside the usual ones, or null
/// @param directory empty; the program's own
public record CloneJob(
    String url,
    byte @Nullable [] token,
    Target target,
    @Nullable Path authority,
    Path directory,
    Limits limits) {

  private static final String USER = "x-access-token";
  private static final String MASK = "***";

  /// @param bytesMax bytes that are received and bytes of the checked out files, together
  /// @param filesMax files and directories that are checked out
  /// @param silenceSecondsMax how long the host may say nothing
  public record Limits(long bytesMax, long filesMax, int silenceSecondsMax) {}

  /// What is checked out.
  public sealed interface Target {
    /// What the host calls `HEAD`.
    record DefaultBranch() implements Target {}

    record Branch(String name) implements Target {}

    record Commit(String sha) implements Target {}
  }

  /// Writes it, to be read by [#readFrom].
  public void writeTo(DataOutput out) throws IOException {
    out.writeUTF(url);
    out.writeInt(token == null ? -1 : token.length);
    if (token != null) {
      out.write(token);
    }
    switch (target) {
      case Target.DefaultBranch _ -> out.writeUTF("");
      case Target.Branch branch -> out.writeUTF("branch " + branch.name());
      case Target.Commit commit -> out.writeUTF("commit " + commit.sha());
    }
    out.writeUTF(authority == null ? "" : authority.toString());
    out.writeUTF(directory.toString());
    out.writeLong(limits.bytesMax());
    out.writeLong(limits.filesMax());
    out.writeInt(limits.silenceSecondsMax());
  }

  /// Reads what [#writeTo] wrote.
  static CloneJob readFrom(DataInput in) throws IOException {
    String url = in.readUTF();
    int tokenBytes = in.readInt();
    byte[] token = new byte[Math.max(tokenBytes, 0)];
    in.readFully(token);
    String target = in.readUTF();
    String authority = in.readUTF();
    return new CloneJob(
        url,
        tokenBytes < 0 ? null : token,
        target(target),
        authority.isEmpty() ? null : Path.of(authority),
        Path.of(in.readUTF()),
        new Limits(in.readLong(), in.readLong(), in.readInt()));
  }

  private static Target target(String text) {
    if (text.startsWith("branch ")) {
      return new Target.Branch(text.substring("branch ".length()));
    }
    return text.isEmpty()
        ? new Target.DefaultBranch()
        : new Target.Commit(text.substring("commit ".length()));
  }

  /// The user name and the token, as base64: what goes to the host.
  ///
  /// @param token of the job, in which it is there
  static String credentials(byte[] token) {
    String pair = USER + ":" + new String(token, StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /// The text without the token, should it hold it, in clear or as it goes to the host.
  String withoutToken(String text) {
    if (token == null || token.length == 0) {
      return text;
    }
    String credentials = credentials(token);
    return text.replace(credentials, MASK)
        .replace(credentials.replaceAll("=+$", ""), MASK)
        .replace(new String(token, StandardCharsets.UTF_8), MASK);
  }

  @Override
  public String toString() {
    return "CloneJob[" + url + "]";
  }
}
