package io.steward.sandbox.driver.remote;

import io.steward.sandbox.driver.Mirror;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.shim.Connection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// The directory of a session here and its copy in a sandbox that is elsewhere.
///
/// The agent's part is the inside's: it is compared as a whole each time, so that what one pull
/// missed the next one brings. What comes from inside is not trusted: only files that were asked
/// for are taken, by the names of the listing, whose every part is a directory.
public final class RemoteMirror implements Mirror {
  private static final Logger LOG = Logger.getLogger(RemoteMirror.class);

  private final RemoteCommands commands;
  private final Limits limits;
  private final SessionDirectory session;
  private final List<String> agents;
  private final LocalFiles agentFiles;
  private final LocalFiles allFiles;
  private final LocalFiles toolOutputs;

  /// What this machine has, as it was when both were alike.
  private NavigableMap<String, RemoteFile> here = new TreeMap<>();

  /// What the inside has, for the agent's part, as it was when both were alike.
  private Map<String, RemoteFile> inside = new HashMap<>();

  private long pulledNanos = System.nanoTime();

  /// @param bytesMax bytes of all files of the agent
  /// @param filesMax how many files the agent may have
  /// @param longest wall clock of bringing files in one direction
  public record Limits(long bytesMax, long filesMax, Duration longest) {}

  RemoteMirror(RemoteShim.Place place) {
    this.commands = place.commands();
    this.limits = place.mirror();
    this.session = place.session();
    RemoteShim.Places places = place.places();
    Map<String, Path> agent = new LinkedHashMap<>();
    agent.put(places.workspace().toString(), session.workspace());
    agent.put(places.outputs().toString(), session.outputs());
    agent.put(places.home().toString(), session.home());
    Map<String, Path> shown = new LinkedHashMap<>();
    shown.put(places.toolOutputs().toString(), session.toolOutputs());
    Map<String, Path> all = new LinkedHashMap<>(agent);
    all.put(places.uploads().toString(), session.uploads());
    all.putAll(shown);
    this.agents = List.copyOf(agent.keySet());
    this.agentFiles = new LocalFiles(agent);
    this.allFiles = new LocalFiles(all);
    this.toolOutputs = new LocalFiles(shown);
  }

  /// Takes what is here for what was alike, before the first pull from a sandbox that has its
  /// files.
  synchronized void adopt() throws IOException {
    here = allFiles.list();
    inside = new HashMap<>(agentFiles.list());
  }

  @Override
  public synchronized void push() throws IOException {
    push(allFiles, allFiles.list(), here);
  }

  /// Shows outputs of commands that were too long for a result. A failure is repaired by the next
  /// push.
  void showToolOutputs() {
    try {
      synchronized (this) {
        NavigableMap<String, RemoteFile> now = toolOutputs.list();
        Map<String, RemoteFile> before = new HashMap<>(here);
        before.keySet().removeIf(this::isElsewhere);
        push(toolOutputs, now, before);
      }
    } catch (IOException e) {
      LOG.warnf("a long output could not be shown inside: %s", e);
    }
  }

  private boolean isElsewhere(String path) {
    try {
      Path _ = toolOutputs.locate(path);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private void push(
      LocalFiles files, NavigableMap<String, RemoteFile> now, Map<String, RemoteFile> before)
      throws IOException {
    List<String> removed = before.keySet().stream().filter(path -> !now.containsKey(path)).toList();
    List<String> changed =
        now.entrySet().stream()
            .filter(file -> !file.getValue().equals(before.get(file.getKey())))
            .map(Map.Entry::getKey)
            .toList();
    if (removed.isEmpty() && changed.isEmpty()) {
      return;
    }
    Connection connection = commands.start(RemoteFiles.command("give", List.of()));
    try (RemoteFiles.Watch _ = new RemoteFiles.Watch(connection, limits.longest())) {
      OutputStream out = connection.orders();
      RemoteFiles.sendPaths(out, removed);
      RemoteFiles.sendTar(out, changed, now, files);
      String answer = new String(connection.frames().readNBytes(64), StandardCharsets.US_ASCII);
      if (!answer.strip().equals("done 0")) {
        throw new IOException("files could not be shown inside: " + answer.strip());
      }
    }
    removed.forEach(here::remove);
    changed.forEach(path -> {
      RemoteFile file = now.get(path);
      if (file != null) {
        here.put(path, file);
        if (agents.stream().anyMatch(root -> path.startsWith(root + "/"))) {
          inside.put(path, file);
        }
      }
    });
  }

  @Override
  public synchronized void pull(Duration age) throws IOException {
    if (System.nanoTime() - pulledNanos < age.toNanos()) {
      return;
    }
    Connection connection = commands.start(RemoteFiles.command("list", agents));
    try (RemoteFiles.Watch _ = new RemoteFiles.Watch(connection, limits.longest())) {
      InputStream in = new BufferedInputStream(connection.frames());
      NavigableMap<String, RemoteFile> now = new InsideListing(agents, limits.filesMax()).read(in);
      requireBounds(now);
      removeGone(now);
      NavigableMap<String, RemoteFile> wanted = makeAll(now);
      RemoteFiles.sendPaths(connection.orders(), wanted.navigableKeySet());
      if (!wanted.isEmpty()) {
        takeAll(in, wanted);
      }
    }
    pulledNanos = System.nanoTime();
  }

  private void requireBounds(NavigableMap<String, RemoteFile> now) throws IOException {
    long bytes = 0;
    for (RemoteFile file : now.values()) {
      bytes += Math.min(file.bytes(), Long.MAX_VALUE / 2 - bytes);
    }
    if (bytes > limits.bytesMax()) {
      throw new IOException(
          "the files inside have %d bytes, more than %d".formatted(bytes, limits.bytesMax()));
    }
  }

  /// Removes what is no longer inside, or is something else there. What is in a directory that is
  /// closed inside stays.
  private void removeGone(NavigableMap<String, RemoteFile> now) throws IOException {
    List<String> gone = new ArrayList<>();
    for (Map.Entry<String, RemoteFile> known : inside.entrySet()) {
      RemoteFile file = now.get(known.getKey());
      boolean other = file != null && file.type() != known.getValue().type();
      if (other || file == null && !isBelowClosed(known.getKey(), now)) {
        gone.add(known.getKey());
      }
    }
    gone.sort(Comparator.reverseOrder());
    for (String path : gone) {
      agentFiles.remove(path);
      inside.remove(path);
      here.remove(path);
    }
  }

  private static boolean isBelowClosed(String path, NavigableMap<String, RemoteFile> now) {
    for (int at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      RemoteFile parent = now.get(path.substring(0, at));
      if (parent != null) {
        return parent.isClosed();
      }
    }
    return false;
  }

  /// Makes directories and symlinks; gives the files whose content is not here.
  private NavigableMap<String, RemoteFile> makeAll(NavigableMap<String, RemoteFile> now)
      throws IOException {
    NavigableMap<String, RemoteFile> wanted = new TreeMap<>();
    for (Map.Entry<String, RemoteFile> entry : now.entrySet()) {
      String path = entry.getKey();
      RemoteFile file = entry.getValue();
      RemoteFile known = inside.get(path);
      if (file.equals(known)) {
        continue;
      }
      if (file.isFile()) {
        if (known == null || !file.hasContentOf(known)) {
          wanted.put(path, file);
        } else {
          agentFiles.setMode(path, file);
          note(path, file);
        }
      } else {
        agentFiles.make(path, file);
        note(path, file);
      }
    }
    return wanted;
  }

  private void note(String path, RemoteFile file) throws IOException {
    inside.put(path, file);
    here.put(path, agentFiles.look(path));
  }

  private void takeAll(InputStream in, NavigableMap<String, RemoteFile> wanted) throws IOException {
    Path temporary = session.service().resolve("pulled");
    try {
      // One that changed or went meanwhile is left out; the next time brings or removes it.
      RemoteFiles.takeTar(
          in,
          wanted,
          temporary,
          (path, file) -> {
            agentFiles.replace(path, temporary, file);
            note(path, file);
          });
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
