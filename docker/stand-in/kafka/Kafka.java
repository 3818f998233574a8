import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.LogManager;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/// A broker and controller set by environment variables, as in the official image: `KAFKA_NODE_ID`
/// is `node.id`, two underscores are one, three are a dash.
public final class Kafka {
  private static final Set<String> OF_THE_IMAGE = Set.of("KAFKA_HEAP_OPTS", "KAFKA_OPTS");

  private Kafka() {}

  public static void main(String[] arguments) throws IOException {
    LogManager.getLogManager().getLogger("").setLevel(Level.WARNING);
    Properties properties = properties(System.getenv());
    Path file = Files.createTempFile("server", ".properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
    String[] format = {
      "format", "--ignore-formatted", "--config", file.toString(), "--cluster-id",
      System.getenv().getOrDefault("CLUSTER_ID", "5L6g3nShT-eMCtK--X86sw")
    };
    if (StorageTool.execute(format, System.out) != 0) {
      throw new IOException("the storage cannot be formatted");
    }
    var server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    server.startup();
    System.out.println("Kafka Server started");
    server.awaitShutdown();
  }

  private static Properties properties(Map<String, String> environment) {
    Properties properties = new Properties();
    environment.forEach((name, value) -> {
      if (name.startsWith("KAFKA_") && !OF_THE_IMAGE.contains(name)) {
        String key =
            name.substring("KAFKA_".length())
                .toLowerCase(Locale.ROOT)
                .replace("___", "-")
                .replace("__", "\0")
                .replace('_', '.')
                .replace('\0', '_');
        properties.setProperty(key, value);
      }
    });
    return properties;
  }
}
