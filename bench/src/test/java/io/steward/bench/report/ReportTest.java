package io.steward.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.steward.bench.load.Latencies;
import io.steward.bench.steward.Machine;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class ReportTest {
  private static final Plot PLOT =
      Plot.ofLatencies(
          "turns.svg",
          "Turns <plain> & short",
          List.of(
              Plot.Line.of(
                  "one",
                  new Latencies(
                      100,
                      2,
                      3,
                      9,
                      10,
                      List.of(new Latencies.Point(50, 2), new Latencies.Point(99, 9)))),
              new Plot.Line("two", List.of(new Plot.Point(2, 0.5), new Plot.Point(100, 700)))));

  private static final Report REPORT =
      new Report(
          new Machine("Some CPU", 2, 8L << 30, "Linux 6", "JDK 25", "ext4", 0.12),
          "abc1234",
          Instant.parse("2026-11-22T13:00:00Z"),
          Duration.ofSeconds(700),
          false,
          List.of(
              new Section("overhead", "How it was measured.")
                  .figure("POST → model, median", 1.834, Unit.MILLIS, Targets.POST_TO_MODEL)
                  .figure("turns/s", 312.4, Unit.PER_SECOND, Targets.TURNS)
                  .figure("processors", 2, Unit.COUNT)
                  .table(List.of("process", "MB"), List.of(List.of("harness", "180")))
                  .plot(PLOT)));

  @Test
  void people_read_figure_target_and_machine() {
    String markdown = Markdown.of(REPORT);

    assertEquals(
        """
        # Bench

        1 of 2 targets held.

        | measured on |  |
        | --- | --- |
        | processor | 2 × Some CPU |
        | memory | 8.0 GiB |
        | system | Linux 6, data on ext4 |
        | JDK | JDK 25 |
        | processors busy before | 12 % |
        | commit | abc1234 |
        | when | 2026-11-22T13:00:00Z |
        | took | 700 s |

        ## overhead

        How it was measured.

        | figure | measured | target |  |
        | --- | --- | --- | --- |
        | POST → model, median | 1.83 ms | ≤ 2.50 ms | held |
        | turns/s | 312 /s | ≥ 400 /s | **missed** |
        | processors | 2 |  |  |

        | process | MB |
        | --- | --- |
        | harness | 180 |

        ![Turns <plain> & short](turns.svg)
        """,
        markdown);
  }

  @Test
  void programs_read_the_same() throws Exception {
    JsonNode json = new ObjectMapper().readTree(Json.of(REPORT));

    JsonNode figure = json.at("/sections/0/figures/1");
    assertEquals(312.4, figure.path("value").asDouble());
    assertEquals("missed", figure.path("verdict").asText());
    assertEquals("at_least", figure.at("/target/kind").asText());
    assertEquals("Some CPU", json.at("/machine/processor").asText());
    assertEquals("harness", json.at("/sections/0/tables/0/rows/0/0").asText());
  }

  @Test
  void a_plot_is_a_drawing_with_a_line_for_each_series_inside_its_frame() throws Exception {
    Document svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(PLOT.svg().getBytes(StandardCharsets.UTF_8)));

    assertEquals(2, svg.getElementsByTagName("polyline").getLength());
    for (int i = 0; i < 2; i++) {
      String points =
          svg.getElementsByTagName("polyline")
              .item(i)
              .getAttributes()
              .getNamedItem("points")
              .getNodeValue();
      for (String point : points.split(" ")) {
        double x = Double.parseDouble(point.split(",")[0]);
        double y = Double.parseDouble(point.split(",")[1]);
        assertTrue(x >= 70 && x <= 700 && y >= 40 && y <= 340, point);
      }
    }
  }
}
