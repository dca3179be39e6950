import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.config.ConfigResource;
public class DescribeConfigs {
  static String esc(String s){ return s==null? "\\e" : s.replace("\\","\\\\").replace("\t","\\t").replace("\n","\\n"); }
  public static void main(String[] a) throws Exception {
    Properties p = new Properties(); p.put("bootstrap.servers", a[0]);
    try (Admin admin = Admin.create(p)) {
      for (int i = 1; i < a.length; i++) {
        String[] r = a[i].split("=", -1);
        ConfigResource res = new ConfigResource(ConfigResource.Type.valueOf(r[0]), r[1]);
        Config c;
        try { c = admin.describeConfigs(List.of(res), new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)).all().get().get(res); }
        catch (Exception e) { System.out.println(r[0]+"\t"+r[1]+"\tERROR\t"+esc(String.valueOf(e.getCause()))); continue; }
        List<ConfigEntry> es = new ArrayList<>(c.entries()); es.sort(Comparator.comparing(ConfigEntry::name));
        for (ConfigEntry e : es) {
          StringBuilder s = new StringBuilder();
          for (ConfigEntry.ConfigSynonym y : e.synonyms()) s.append(y.source()).append(":").append(esc(y.name())).append("=").append(esc(y.value())).append("|");
          System.out.println(String.join("\t", r[0], r[1], e.name(), esc(e.value()), e.source().toString(), e.isReadOnly()?"ro":"rw", e.isSensitive()?"secret":"open", e.type().toString(), e.documentation()==null?"nodoc":"doc", s));
        }
      }
    }
  }
}
