package io.steward.sandbox.packages;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A workbench that runs a given script instead of an installer, with the directory of packages as
/// `$1`, the phase as `$2` and the items after them.
final class ScriptedWorkbench implements Workbench {
  final AtomicInteger starts = new AtomicInteger();
  volatile String script;

  ScriptedWorkbench(String script) {
    this.script = script;
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public void layOut(Place place) throws IOException {
    place.create();
  }

  @Override
  public boolean runsScripts() {
    return false;
  }

  @Override
  public Running start(Place place, String phase, List<String> items) throws IOException {
    starts.incrementAndGet();
    List<String> command =
        new java.util.ArrayList<>(List.of("/bin/bash", "-c", script, "installer"));
    command.addAll(List.of(place.packages().toString(), phase));
    command.addAll(items);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new Running(process, () -> {});
  }
}
