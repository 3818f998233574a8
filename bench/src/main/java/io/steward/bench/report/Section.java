package io.steward.bench.report;

import io.steward.bench.load.Latencies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What one scenario found, while it is being written.
public final class Section {
  private final String name;
  private final String method;
  private final List<Figure> figures = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<Plot> plots = new ArrayList<>();

  /// @param name of the scenario
  /// @param method how it was measured, in a few sentences
  public Section(String name, String method) {
    this.name = name;
    this.method = method;
  }

  /// Rows under a head, as text.
  public record Table(List<String> head, List<List<String>> rows) {
    public Table {
      head = List.copyOf(head);
      rows = rows.stream().map(List::copyOf).toList();
    }
  }

  public Section figure(String what, double value, Unit unit) {
    return figure(what, value, unit, null);
  }

  public Section figure(String what, double value, Unit unit, @Nullable Target target) {
    figures.add(new Figure(what, value, unit, target));
    return this;
  }

  /// Median, p99 and maximum, in milliseconds.
  public Section latencies(
      String what, Latencies latencies, @Nullable Target median, @Nullable Target p99) {
    String named = String.format(Locale.ROOT, "%s (%,d)", what, latencies.count());
    figure(named + ", median", latencies.median(), Unit.MILLIS, median);
    figure(named + ", p99", latencies.p99(), Unit.MILLIS, p99);
    return figure(named + ", max", latencies.max(), Unit.MILLIS);
  }

  public Section table(List<String> head, List<List<String>> rows) {
    tables.add(new Table(head, rows));
    return this;
  }

  public Section plot(Plot plot) {
    plots.add(plot);
    return this;
  }

  public String name() {
    return name;
  }

  public String method() {
    return method;
  }

  public List<Figure> figures() {
    return List.copyOf(figures);
  }

  public List<Table> tables() {
    return List.copyOf(tables);
  }

  public List<Plot> plots() {
    return List.copyOf(plots);
  }
}
