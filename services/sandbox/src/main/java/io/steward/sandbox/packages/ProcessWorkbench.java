package io.steward.sandbox.packages;

import io.steward.sandbox.driver.ParentThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Runs installers as ordinary processes of this user, for the driver that isolates nothing.
public final class ProcessWorkbench implements Workbench {
  private final OperatorSettings settings;
  private final ParentThread parent;

  public ProcessWorkbench(OperatorSettings settings, ParentThread parent) {
    this.settings = settings;
    this.parent = parent;
  }

  @Override
  public String name() {
    return "process";
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
    List<String> command = new ArrayList<>(List.of("/bin/bash", "--noprofile", "--norc"));
    command.add(place.control().resolve("install").toString());
    command.addAll(List.of(phase, place.packages().toString(), place.tmp().toString()));
    command.addAll(items);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(place.tmp().toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(settings.environment());
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LANG", "C.UTF-8");
    environment.put("HOME", place.tmp().resolve("home").toString());
    environment.put("TMPDIR", place.tmp().toString());
    return new Running(parent.start(builder), () -> {});
  }
}
