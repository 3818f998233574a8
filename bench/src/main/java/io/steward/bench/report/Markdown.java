package io.steward.bench.report;

import io.steward.bench.steward.Machine;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A report as people read it.
public final class Markdown {
  private static final double GIB = 1L << 30;

  private Markdown() {}

  /// The whole report; the plots are files beside it, named by [Plot#file()].
  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    text.append("# Bench\n\n").append(report.verdict());
    if (report.quick()) {
      text.append(" This was a quick run: loads were cut short, the figures are rough.");
    }
    text.append("\n\n").append(machine(report));
    report.sections().forEach(section -> text.append('\n').append(section(section)));
    return text.toString();
  }

  /// A section as it is printed during the run, without plots.
  public static String figures(Section section) {
    List<List<String>> rows =
        section.figures().stream()
            .map(figure ->
                List.of(
                    figure.name(),
                    number(figure.value()) + unit(figure),
                    target(figure),
                    switch (figure.verdict()) {
                      case HELD -> "held";
                      case MISSED -> "**missed**";
                      case NO_TARGET -> "";
                    }))
            .toList();
    return table(List.of("figure", "measured", "target", ""), rows);
  }

  private static String section(Section section) {
    StringBuilder text = new StringBuilder();
    text.append("## ")
        .append(section.name())
        .append("\n\n")
        .append(section.method())
        .append("\n\n");
    text.append(figures(section));
    section.tables().forEach(table -> text.append('\n').append(table(table.head(), table.rows())));
    section
        .plots()
        .forEach(plot -> text.append("\n![%s](%s)\n".formatted(plot.title(), plot.file())));
    return text.toString();
  }

  private static String machine(Report report) {
    Machine machine = report.machine();
    return table(
        List.of("measured on", ""),
        List.of(
            List.of("processor", machine.processors() + " × " + machine.processor()),
            List.of("memory", String.format(Locale.ROOT, "%.1f GiB", machine.memoryBytes() / GIB)),
            List.of("system", machine.system() + ", data on " + machine.files()),
            List.of("JDK", machine.jdk()),
            List.of("processors busy before", Math.round(machine.busy() * 100) + " %"),
            List.of("commit", report.commit()),
            List.of("when", report.at().truncatedTo(ChronoUnit.SECONDS).toString()),
            List.of("took", report.took().toSeconds() + " s")));
  }

  static String table(List<String> head, List<List<String>> rows) {
    return row(head)
        + row(head.stream().map(_ -> "---").toList())
        + rows.stream().map(Markdown::row).collect(Collectors.joining());
  }

  /// A number with as many digits as mean something.
  public static String number(double value) {
    double size = Math.abs(value);
    if (size >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String row(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String unit(Figure figure) {
    String symbol = figure.unit().symbol();
    return symbol.isEmpty() ? "" : " " + symbol;
  }

  private static String target(Figure figure) {
    Target target = figure.target();
    return target == null ? "" : target.kind().sign() + " " + number(target.bound()) + unit(figure);
  }
}
