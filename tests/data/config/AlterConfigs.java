import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.config.ConfigResource;
public class AlterConfigs {  // TYPE=name key=value... ; one resource a line on stdin, tab separated
  public static void main(String[] a) throws Exception {
    Properties p = new Properties(); p.put("bootstrap.servers", a[0]);
    Scanner in = new Scanner(System.in);
    try (Admin admin = Admin.create(p)) {
      while (in.hasNextLine()) {
        String[] c = in.nextLine().split("\t", -1);
        String[] r = c[0].split("=", -1);
        if (r[0].equals("CREATE")) {
          Map<String,String> m = new HashMap<>(); for (int i=1;i<c.length;i++) { int e=c[i].indexOf('='); m.put(c[i].substring(0,e), c[i].substring(e+1)); }
          CreateTopicsResult cr = admin.createTopics(List.of(new NewTopic(r[1], 1, (short)1).configs(m)));
          try { Config cfg = cr.config(r[1]).get();
            List<ConfigEntry> es = new ArrayList<>(cfg.entries()); es.sort(Comparator.comparing(ConfigEntry::name));
            for (ConfigEntry e: es) System.out.println("CREATE\t"+r[1]+"\t"+e.name()+"\t"+e.value()+"\t"+e.source()+"\t"+(e.isReadOnly()?"ro":"rw")+"\t"+(e.isSensitive()?"secret":"open")+"\t"+e.type()+"\tnodoc\t");
          } catch (Exception x) { System.out.println("CREATE\t"+r[1]+"\tERROR\t"+x.getCause()); }
          continue;
        }
        List<AlterConfigOp> ops = new ArrayList<>();
        for (int i=1;i<c.length;i++) { int e=c[i].indexOf('='); ops.add(new AlterConfigOp(new ConfigEntry(c[i].substring(0,e), c[i].substring(e+1)), AlterConfigOp.OpType.SET)); }
        ConfigResource res = new ConfigResource(ConfigResource.Type.valueOf(r[0]), r[1]);
        try { admin.incrementalAlterConfigs(Map.of(res, ops)).all().get(); System.err.println("ok "+c[0]); }
        catch (Exception x) { System.err.println(c[0]+" "+x.getCause()); }
      }
    }
  }
}
