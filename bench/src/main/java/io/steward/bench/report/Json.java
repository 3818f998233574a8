package io.steward.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/// A report as programs read it, to compare two runs for example.
public final class Json {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Json() {}

  /// One object, indented, with a line break at its end.
  public static String of(Report report) {
    ObjectNode root = JSON.createObjectNode();
    root.put("at", report.at().toString())
        .put("commit", report.commit())
        .put("took_seconds", report.took().toSeconds())
        .put("quick", report.quick());
    root.putObject("machine")
        .put("processor", report.machine().processor())
        .put("processors", report.machine().processors())
        .put("memory_bytes", report.machine().memoryBytes())
        .put("system", report.machine().system())
        .put("files", report.machine().files())
        .put("jdk", report.machine().jdk())
        .put("processors_busy_before", report.machine().busy());
    for (Section section : report.sections()) {
      ObjectNode one = root.withArray("sections").addObject().put("name", section.name());
      one.put("method", section.method());
      for (Figure figure : section.figures()) {
        add(one.withArray("figures").addObject(), figure);
      }
      for (Section.Table table : section.tables()) {
        ObjectNode node = one.withArray("tables").addObject();
        node.set("head", JSON.valueToTree(table.head()));
        node.set("rows", JSON.valueToTree(table.rows()));
      }
    }
    return root.toPrettyString() + "\n";
  }

  private static void add(ObjectNode node, Figure figure) {
    node.put("name", figure.name())
        .put("value", figure.value())
        .put("unit", figure.unit().symbol())
        .put("verdict", figure.verdict().name().toLowerCase(Locale.ROOT));
    Target target = figure.target();
    if (target != null) {
      node.putObject("target")
          .put("kind", target.kind().name().toLowerCase(Locale.ROOT))
          .put("bound", target.bound());
    }
  }
}
