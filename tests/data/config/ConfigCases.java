// Asks Apache Kafka's own classes what they make of settings. Cases come on standard input, one a
// line, cells separated by tabs (\t \n \\ and \e for "no value" are escapes); each goes out again
// with the answer behind it: ok and a value, or error and the sentence. README.md has the commands.
import java.io.*;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

public class ConfigCases {
  static String unescape(String s) {
    if (s.equals("\\e")) return null;
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c != '\\') { out.append(c); continue; }
      c = s.charAt(++i);
      out.append(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c);
    }
    return out.toString();
  }
  static String escape(String s) {
    if (s == null) return "\\e";
    return s.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r").replace("\f", "\\f");
  }
  static ConfigDef definition(String scope) throws Exception {
    switch (scope) {
      case "broker": return AbstractKafkaConfig.CONFIG_DEF;
      case "topic": return LogConfig.configDefCopy();
      case "group": return GroupConfig.CONFIG_DEF;
      case "client-metrics": return ClientMetricsConfigs.configDef();
      case "producer": return ProducerConfig.configDef();
      case "consumer": return ConsumerConfig.configDef();
      case "admin": return AdminClientConfig.configDef();
      default: throw new IllegalArgumentException(scope);
    }
  }
  static String parse(String scope, String key, String value) throws Exception {
    ConfigDef def = definition(scope);
    ConfigDef.ConfigKey k = def.configKeys().get(key);
    Method m = ConfigDef.class.getDeclaredMethod("parseValue", ConfigDef.ConfigKey.class, Object.class, boolean.class);
    m.setAccessible(true);
    Object parsed = m.invoke(def, k, value, true);
    return ConfigDef.convertToString(parsed, k.type);
  }
  // key=value pairs, each a cell
  static Properties pairs(String[] cells, int from) {
    Properties p = new Properties();
    for (int i = from; i < cells.length; i++) {
      String cell = unescape(cells[i]);
      int eq = cell.indexOf('=');
      if (eq > 0) p.setProperty(cell.substring(0, eq), cell.substring(eq + 1));
    }
    return p;
  }
  static Map<String, String> map(Properties p) {
    Map<String, String> m = new TreeMap<>();
    p.forEach((k, v) -> m.put((String) k, (String) v));
    return m;
  }
  static Properties node(String extra) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("controller.quorum.voters", "1@127.0.0.1:9093");
    p.setProperty("listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093");
    p.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:9092");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("log.dirs", "/tmp/moldau-config-cases");
    if (extra != null) p.setProperty("remote.log.storage.system.enable", extra);
    if (extra != null) p.setProperty("remote.log.storage.manager.class.name", "x");
    return p;
  }
  static String answer(String[] c) throws Exception {
    switch (c[0]) {
      case "parse": return parse(c[1], c[2], unescape(c[3]));
      case "double": return Double.toString(Double.parseDouble(c[1]));
      case "properties": {
        Properties p = new Properties();
        p.load(new StringReader(unescape(c[1])));
        StringBuilder out = new StringBuilder();
        map(p).forEach((k, v) -> out.append(escape(k)).append("=>").append(escape(v)).append(";"));
        return out.toString();
      }
      case "node": {  // over a good combined node; an empty value takes the key away
        Properties p = node(null);
        Properties given = pairs(c, 1);
        for (String k : given.stringPropertyNames())
          if (given.getProperty(k).equals("-")) p.remove(k); else p.setProperty(k, given.getProperty(k));
        kafka.server.KafkaConfig.fromProps(p, false);
        return "";
      }
      case "topic": {  // c[1]: tiered storage on the node; c[2]: what remote.storage.enable was
        kafka.server.KafkaConfig conf = kafka.server.KafkaConfig.fromProps(node(c[1]), false);
        Map<String, String> before = c[2].equals("-") ? Map.of() : Map.of("remote.storage.enable", c[2]);
        LogConfig.validate(before, map(pairs(c, 3)), conf.extractLogConfigMap(), c[1].equals("true"));
        return "";
      }
      case "group": {
        kafka.server.KafkaConfig conf = kafka.server.KafkaConfig.fromProps(node(null), false);
        GroupConfig.validate(map(pairs(c, 1)), conf.groupCoordinatorConfig(), conf.shareGroupConfig());
        return "";
      }
      case "client-metrics": {
        ClientMetricsConfigs.validate("m", map(pairs(c, 1)));
        return "";
      }
      case "dynamic": {  // c[1]: per-broker or default
        kafka.server.KafkaConfig conf = kafka.server.KafkaConfig.fromProps(node(null), false);
        conf.dynamicConfig().initialize(scala.Option.empty());
        conf.dynamicConfig().validate(pairs(c, 2), c[1].equals("per-broker"));
        return "";
      }
      default: throw new IllegalArgumentException(c[0]);
    }
  }
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    String line;
    while ((line = in.readLine()) != null) {
      String[] c = line.split("\t", -1);
      String verdict, text;
      try {
        text = answer(c);
        verdict = "ok";
      } catch (Throwable t) {
        Throwable cause = t instanceof java.lang.reflect.InvocationTargetException ? t.getCause() : t;
        verdict = "error";
        text = cause.getMessage();
      }
      out.println(line + "\t" + verdict + "\t" + escape(text));
    }
    out.flush();
  }
}
