package io.steward.sandbox.driver;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a session keeps on disk between its sandboxes, and what the service shows to the inside
/// read-only.
///
/// `workspace`, `outputs` and `home` belong to the agent. `uploads`, `tool-outputs` and `control`
/// are written by the service only. Inside they are `/workspace`, `/mnt/session/outputs`,
/// `/home/agent`, `/mnt/session/uploads`, `/mnt/session/tool-outputs`, `/run/steward`.
public record SessionDirectory(Path path) {
  private static final List<String> AGENTS = List.of("workspace", "outputs", "home");
  private static final List<String> SERVICES = List.of("uploads", "tool-outputs", "control");
  private static final String SOCKET_SUFFIX = ".sock";
  private static final Map<String, String> SYSTEM_FILES =
      Map.of(
          "passwd",
          "root:x:0:0:root:/root:/usr/sbin/nologin\n"
              + "agent:x:1000:1000:agent:/home/agent:/bin/bash\n"
              + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
          "group",
          "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n",
          "hosts",
          "127.0.0.1 localhost sandbox\n::1 localhost\n",
          "nsswitch.conf",
          "passwd: files\ngroup: files\nhosts: files\n");

  /// The directory of `session` below `root`. It need not exist.
  public static SessionDirectory of(Path root, SessionId session) {
    return new SessionDirectory(root.resolve(session.value()));
  }

  public Path workspace() {
    return path.resolve("workspace");
  }

  public Path outputs() {
    return path.resolve("outputs");
  }

  public Path home() {
    return path.resolve("home");
  }

  public Path uploads() {
    return path.resolve("uploads");
  }

  /// Output of commands that was too long for a result.
  public Path toolOutputs() {
    return path.resolve("tool-outputs");
  }

  /// The shim, and the input of running calls.
  public Path control() {
    return path.resolve("control");
  }

  /// What the service remembers of this directory. No sandbox sees it.
  public Path service() {
    return path.resolve("service");
  }

  /// Tells this directory from another one that took its place, or from itself when a part was
  /// replaced that a sandbox holds. Empty when a part is missing.
  public Optional<Object> identity() {
    try {
      List<Object> keys = new ArrayList<>();
      for (Path part : List.of(path, workspace(), home(), control())) {
        keys.add(Files.getAttribute(part, "unix:ino", LinkOption.NOFOLLOW_LINKS));
      }
      return Optional.of(keys);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Makes what is missing and gives the agent's part to `owner`, if one is given.
  public void prepare(OptionalInt owner) throws IOException {
    Files.createDirectories(path);
    mode(path, "rwx--x--x");
    mode(Files.createDirectories(service()), "rwx------");
    for (String name : SERVICES) {
      mode(Files.createDirectories(path.resolve(name)), "rwxr-xr-x");
    }
    for (String name : List.of(Launch.PACKAGES, Launch.SYSTEM)) {
      mode(Files.createDirectories(path.resolve(name)), "rwxr-xr-x");
    }
    for (String name : AGENTS) {
      Path directory = path.resolve(name);
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        mode(Files.createDirectory(directory), "rwx------");
      }
      if (owner.isPresent()) {
        give(directory, owner.getAsInt());
      }
    }
    writeControl();
  }

  private void writeControl() throws IOException {
    Trees.remove(control().resolve("calls"));
    mode(Files.createDirectories(control().resolve("calls")), "rwxr-xr-x");
    for (String script : List.of("shim", "tools")) {
      Files.write(control().resolve(script), resource(script));
      mode(control().resolve(script), "rw-r--r--");
    }
    mode(Files.createDirectories(etc()), "rwxr-xr-x");
    writeEtc(SYSTEM_FILES);
    removeSockets();
  }

  /// Files of the control directory that stand for some of `/etc`.
  Path etc() {
    return control().resolve("etc");
  }

  private void writeEtc(Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = etc().resolve(file.getKey());
      Files.writeString(target, file.getValue(), StandardCharsets.ISO_8859_1);
      mode(target, "rw-r--r--");
    }
  }

  /// Where the sandbox `incarnation` finds its way out. Each has its own, so that the end of one
  /// never takes the next one's away.
  Path egressSocket(String incarnation) {
    return control().resolve(incarnation + SOCKET_SUFFIX);
  }

  private void removeSockets() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(control(), "*" + SOCKET_SUFFIX)) {
      for (Path socket : left) {
        Files.delete(socket);
      }
    }
  }

  /// Tells the shim what the agent's shell needs to find packages and the way out, and writes what
  /// it has to trust there.
  ///
  /// @param owner the user of the machine the shim runs as; empty when it is this one
  void writeSurroundings(
      Optional<PackageView> packages, Optional<NetworkView> network, OptionalInt owner)
      throws IOException {
    Path file = control().resolve("environment");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, Surroundings.environment(packages, network));
    if (owner.isPresent()) {
      mode(file, "rw-r--r--"); // The relay keeps the token: nothing in it is secret.
    }
    Optional<String> authority = network.flatMap(view -> view.wayOut().authorityPem());
    if (authority.isPresent()) {
      writeEtc(TrustFiles.contents(authority.get()));
    }
  }

  /// The directories that belong to the agent.
  public List<Path> agentParts() {
    return AGENTS.stream().map(path::resolve).toList();
  }

  /// Gives `directory` with all that is in it to `owner`. With nothing in it, as in a new session,
  /// that needs no program, each of which takes 5 ms.
  public static void give(Path directory, int owner) throws IOException {
    if (Integer.valueOf(owner)
        .equals(Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
      return;
    }
    if (isEmpty(directory)) {
      for (String attribute : List.of("unix:gid", "unix:uid")) {
        Files.setAttribute(directory, attribute, owner, LinkOption.NOFOLLOW_LINKS);
      }
    } else {
      Commands.run(List.of("chown", "-hR", owner + ":" + owner, "--", directory.toString()));
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      return !content.iterator().hasNext();
    }
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /// A script of this package, by its path from here.
  public static byte[] resource(String name) {
    try (InputStream in = SessionDirectory.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the script " + name + " is not in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
