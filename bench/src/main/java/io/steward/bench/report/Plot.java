package io.steward.bench.report;

import io.steward.bench.load.Latencies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Lines over one axis, drawn as SVG.
///
/// @param file the name of its file, ending in `.svg`
/// @param scale of both axes: numbers of sessions and times span several powers of ten
public record Plot(
    String file, String title, String xLabel, String yLabel, Scale scale, List<Line> lines) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 60;
  private static final int LEGEND_STEP = 16;
  private static final int TICKS = 5;
  private static final List<String> COLOURS =
      List.of("#1b6ca8", "#d1495b", "#3a8f5c", "#b8860b", "#6b4c9a", "#444444");

  /// How values become places.
  public enum Scale {
    LINEAR,
    LOGARITHMIC
  }

  /// @param name for the legend
  /// @param points ascending by x; on a logarithmic scale all above 0
  public record Line(String name, List<Point> points) {
    public Line {
      points = List.copyOf(points);
    }

    /// A distribution: x is one time in so many, so that 100 is the 99th percentile.
    public static Line of(String name, Latencies latencies) {
      return new Line(
          name,
          latencies.curve().stream()
              .map(point -> new Point(100 / (100 - point.percentile()), point.millis()))
              .toList());
    }
  }

  public record Point(double x, double y) {}

  public Plot {
    lines = List.copyOf(lines);
  }

  /// A plot of distributions of times.
  public static Plot ofLatencies(String file, String title, List<Line> lines) {
    return new Plot(
        file, title, "one in … takes longer (100 is p99)", "ms", Scale.LOGARITHMIC, lines);
  }

  /// The drawing, a whole file.
  public String svg() {
    Axis x = Axis.over(values(true), scale, LEFT, WIDTH - RIGHT);
    Axis y = Axis.over(values(false), scale, HEIGHT - BOTTOM, TOP);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <rect width="%d" height="%d" fill="white"/>
        <text x="%d" y="22" font-size="15">%s</text>
        """
            .formatted(WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, escaped(title)));
    for (double tick : x.ticks()) {
      svg.append(line(x.place(tick), TOP, x.place(tick), HEIGHT - BOTTOM, "#dddddd"));
      svg.append(text(x.place(tick), HEIGHT - BOTTOM + 18, "middle", Markdown.number(tick)));
    }
    for (double tick : y.ticks()) {
      svg.append(line(LEFT, y.place(tick), WIDTH - RIGHT, y.place(tick), "#dddddd"));
      svg.append(text(LEFT - 8, y.place(tick) + 4, "end", Markdown.number(tick)));
    }
    svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 18, "middle", xLabel));
    svg.append(text(LEFT - 8, TOP - 8, "end", yLabel));
    for (int i = 0; i < lines.size(); i++) {
      svg.append(drawn(lines.get(i), COLOURS.get(i % COLOURS.size()), i, x, y));
    }
    return svg.append("</svg>\n").toString();
  }

  private List<Double> values(boolean ofX) {
    return lines.stream()
        .flatMap(line -> line.points().stream())
        .map(point -> ofX ? point.x() : point.y())
        .toList();
  }

  private static String drawn(Line line, String colour, int index, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    for (Point point : line.points()) {
      path.append(path.isEmpty() ? "" : " ")
          .append(place(x.place(point.x())))
          .append(',')
          .append(place(y.place(point.y())));
    }
    int at = TOP + LEGEND_STEP * (index + 1);
    return "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
            .formatted(colour, path)
            .replace(System.lineSeparator(), "\n")
        + line(LEFT + 10, at - 4, LEFT + 30, at - 4, colour)
        + text(LEFT + 36, at, "start", line.name());
  }

  private static String line(double x1, double y1, double x2, double y2, String colour) {
    return "<line x1=\""
        + place(x1)
        + "\" y1=\""
        + place(y1)
        + "\" x2=\""
        + place(x2)
        + "\" y2=\""
        + place(y2)
        + "\" stroke=\""
        + colour
        + "\"/>\n";
  }

  private static String text(double x, double y, String anchor, String text) {
    return "<text x=\""
        + place(x)
        + "\" y=\""
        + place(y)
        + "\" text-anchor=\""
        + anchor
        + "\">"
        + escaped(text)
        + "</text>\n";
  }

  private static String place(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// One axis.
  private record Axis(double low, double high, Scale scale, double from, double to) {
    static Axis over(List<Double> values, Scale scale, double from, double to) {
      double max = values.stream().mapToDouble(v -> v).max().orElse(1);
      double min = values.stream().mapToDouble(v -> v).min().orElse(0);
      return switch (scale) {
        case LINEAR -> new Axis(0, max > 0 ? max * 1.05 : 1, scale, from, to);
        case LOGARITHMIC -> {
          double low = Math.pow(10, Math.floor(Math.log10(Math.max(min, 1e-3))));
          double high = Math.pow(10, Math.ceil(Math.log10(Math.max(max, 1e-3))));
          yield new Axis(low, high > low ? high : low * 10, scale, from, to);
        }
      };
    }

    double place(double value) {
      double share =
          switch (scale) {
            case LINEAR -> (value - low) / (high - low);
            case LOGARITHMIC -> Math.log10(Math.max(value, low) / low) / Math.log10(high / low);
          };
      return from + share * (to - from);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      switch (scale) {
        case LINEAR -> {
          for (int i = 0; i <= TICKS; i++) {
            ticks.add(low + (high - low) * i / TICKS);
          }
        }
        case LOGARITHMIC -> {
          for (double tick = low; tick <= high * 1.001; tick *= 10) {
            ticks.add(tick);
          }
        }
      }
      return ticks;
    }
  }
}
