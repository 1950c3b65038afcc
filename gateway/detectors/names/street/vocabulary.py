"""The words of street addresses: kinds of street in many languages, flats, countries, and words that make none."""

from __future__ import annotations

from typing import Final

from gateway.detectors.names.wordlist import phrases, words

STREETS: Final = words(
    "street st str avenue ave av road rd boulevard blvd lane ln drive dr terrace ter tce crescent cres highway "
    "hwy parkway pkwy close grove gardens gdns mews parade pde esplanade causeway alley wharf quay turnpike "
    "expressway freeway motorway bypass wynd lorong jalan marg nagar promenade boulevarde straße strasse hutong dajie"
)
"""Kinds of street behind a name: with a number before it there is hardly anything else it could be."""

VAGUE: Final = words(
    "court ct place pl square sq way row circle cir park hill green view gate path loop bend ridge crossing "
    "common chase cove dale garth glade heights hollow landing manor mall meadow meadows mount oval plaza reach "
    "rise vale walk trail trl track valley villas wood woods pike brae cross colony layout cottages mansions "
    "bridge orchard drove fold pass"
)
"""Kinds of street whose names say other things as well."""

LOWER: Final = words("street st avenue ave road rd boulevard blvd lane ln parkway pkwy")
"""Kinds of street that are told from other words even where nobody writes a capital letter."""

SHORT: Final = words("st str ave av rd blvd ln dr ter tce cres hwy pkwy gdns pde trl ct pl sq cir rkp krt cad sok")
"""Kinds of street that are cut short: a full stop behind one belongs to it."""

NUMBERED: Final = words("highway hwy route rte road rd fm cr sr motorway interstate")
"""Kinds of street behind which a number may stand: State Highway 249."""

ROADS_OF: Final = words("state county us old national farm ranch range township district provincial rural")
"""What may stand before those."""

ALONE: Final = words(
    "broadway piccadilly strand whitehall cheapside bowery kingsway haymarket embarcadero bishopsgate moorgate aldgate"
)
"""Streets that are called by one word."""

DIRECTIONS: Final = words("n s e w ne nw se sw north south east west northeast northwest southeast southwest")
"""Sides of a town."""

BEFORE_NAME: Final = words(
    "rue avenue av avda ave boulevard bd bld place quai chemin allée allee impasse cours passage faubourg via "
    "viale piazza piazzetta piazzale corso vicolo largo strada lungotevere calle carrer avenida paseo plaza ronda "
    "camino carretera travesía travesia rúa rua praça praca travessa alameda estrada ul ulica al aleja os pl trg "
    "jalan jl lorong calea bulevardul rambla straße strasse platz"
)
"""Kinds of street before a name."""

DOTTED_BEFORE: Final = words("ul al os pl jl")
"""Of those, the ones that need a full stop and no capital letter: ul. Długa."""

ENGLISH_BEFORE: Final = words("place plaza via passage cours avenue ave av boulevard")
"""Of those, the ones that are English words."""

JOINED_BEFORE: Final = words("straße strasse platz allee")
"""Of those, the ones with a small word behind them: Straße des Friedens."""

FRENCH_BEFORE: Final = words("rue boulevard chemin quai impasse")
"""Of those, the ones that are told even without a capital letter, with a small word behind them."""

ENDINGS: Final = (
    *("straße", "strasse", "gasse", "weg", "allee", "platz", "damm", "steig", "stieg", "chaussee", "graben", "markt"),
    *("straat", "laan", "plein", "gracht", "kade", "dijk", "singel", "steeg", "dreef", "hove", "zijde"),
    *("gatan", "gata", "gaten", "vägen", "väg", "veien", "vegen", "vej", "gade", "gränd", "torg", "torget", "torv"),
    *("stræde", "allén", "allé", "stigen", "bakken", "backen", "braut", "stræti", "straeti", "vegur", "götu", "plads"),
    *("plass", "kroken", "svingen", "tunet", "gränden", "vænget", "katu", "kuja", "polku", "tie", "raitti", "gate"),
    *("stien", "brücke", "vangen", "ufer", "dorfstr", "hauptstr", "bahnhofstr", "ringstr", "bergstr"),
)
"""What names of streets end in, in one word: Hauptstrasse, Kungsgatan."""

UNSURE_ENDINGS: Final = ("gate", "stien", "tie", "dijk", "hove", "markt", "ufer", "zijde", "kade", "torg", "graben")
"""Of those, the ones that other words and surnames end in as well."""

NO_STREETS: Final = words(
    "brigade renegade christie sebastien bastien watergate colgate newsgate investigate navigate necktie bowtie "
    "delegate aggregate mitigate"
)
"""Words that end so and name no street."""

APART: Final = words(
    "straße strasse str gasse weg allee platz damm straat laan plein gracht gata gate gatan väg vägen vei veien "
    "vej gade allé allén terrasse stræde torg plass plads utca út útja tér u krt körút rkp tie katu tee põik "
    "puiestee baan caddesi cad sokak sok ulice náměstí třída cesta trg"
)
"""Kinds of street that stand apart behind a name: Mariahilfer Straße; u only with a full stop."""

POINTED: Final = words("utca út útja tér krt körút rkp u")
"""Of those, the ones behind whose number a full stop belongs."""

ADJECTIVES: Final = words(
    "alte alter neue neuer obere oberer untere unterer große grosse kleine lange hohe nieuwe oude grote korte "
    "norra södra västra östra gamle gamla store stora lilla nordre søndre vestre østre nedre øvre"
)
"""Words that stand before such a name and belong to it."""

PREPOSED: Final = words("am an auf bei beim im in unter zum zur hinter vor aan op")
"""What names of streets begin with: Unter den Linden 77."""

JOINERS: Final = words(
    "of the and & de de' del della dell delle dei degli di da do dos das du des d la le les las los el al y e i "
    "van von der den dem ter ten vom zu zum am an im auf sur sous lès upon on under en het 't op bin ibn ben"
)
"""Small words inside of names."""

INITIALS: Final = words("st ste mt ft dr co no pt sta sto ss proc gen col prof jl m g")
"""What is cut short inside of names, besides single letters."""

FLATS: Final = words(
    "flat apartment apartments apt unit suite ste room rm floor fl level lvl block blk bldg building tower wing "
    "plot shop door villa lot house office studio penthouse ph pmb lgh stiege"
)
"""What stands before the number of a flat."""

LANES: Final = words("lane alley section sec phase zone")
"""What is told by a number between a house and its street, in addresses of China and Taiwan."""

SURE_FLATS: Final = words("apartment apt suite ste flat")
"""Of those, the ones that hardly stand before any other number."""

HOUSES: Final = words(
    "cottage house lodge farm farmhouse barn hall manor rectory vicarage villa court mill grange bungalow tower "
    "building residency residence apartments mansions heights towers cottages priory croft chalet stables"
)
"""What names of houses end in."""

STATES: Final = phrases(
    "alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,hawaii,idaho,illinois,"
    "indiana,iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,"
    "missouri,montana,nebraska,nevada,new hampshire,new jersey,new mexico,new york,north carolina,north dakota,"
    "ohio,oklahoma,oregon,pennsylvania,rhode island,south carolina,south dakota,tennessee,texas,utah,vermont,"
    "virginia,washington,west virginia,wisconsin,wyoming,ontario,quebec,québec,british columbia,alberta,"
    "manitoba,saskatchewan,nova scotia,new brunswick,newfoundland,new south wales,victoria,queensland,"
    "south australia,western australia,tasmania,maharashtra,karnataka,tamil nadu,kerala,gujarat,punjab,haryana,"
    "uttar pradesh,west bengal,telangana,rajasthan,beijing,shanghai,tianjin,chongqing,hebei,shanxi,liaoning,jilin,"
    "heilongjiang,jiangsu,zhejiang,anhui,fujian,jiangxi,shandong,henan,hubei,hunan,guangdong,hainan,sichuan,guizhou,"
    "yunnan,shaanxi,gansu,qinghai,inner mongolia,guangxi,tibet,ningxia,xinjiang,guangdong province,zhejiang province,"
    "jiangsu province,fujian province,shandong province,sichuan province,hubei province,hunan province,"
    "henan province,hebei province,anhui province,liaoning province,kowloon,new territories,taipei"
)
"""States and provinces, in full."""

YEARLIKE: Final = words("NSW VIC QLD WA SA TAS ACT NT")
"""States of Australia: the four digits behind one are no year."""

STATE_CODES: Final = words(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
    "OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AB BC MB NB NL NS NT NU ON PE QC SK YT NSW VIC QLD SA "
    "TAS ACT"
)
"""States, provinces and territories as the post writes them, in capital letters."""

COUNTRIES: Final = phrases(
    "usa,u.s.a.,us,uk,united states,united states of america,united kingdom,great britain,england,scotland,"
    "wales,northern ireland,ireland,canada,australia,new zealand,south africa,india,germany,austria,"
    "switzerland,france,belgium,netherlands,the netherlands,luxembourg,spain,portugal,italy,sweden,norway,"
    "denmark,finland,iceland,estonia,latvia,lithuania,poland,czech republic,czechia,slovakia,slovenia,hungary,"
    "croatia,serbia,romania,bulgaria,greece,cyprus,turkey,russia,ukraine,israel,egypt,morocco,tunisia,algeria,"
    "kenya,nigeria,ghana,singapore,malaysia,indonesia,philippines,thailand,vietnam,hong kong,macau,taiwan,"
    "china,japan,south korea,korea,pakistan,bangladesh,sri lanka,nepal,brazil,argentina,chile,uruguay,paraguay,"
    "peru,colombia,ecuador,bolivia,mexico,costa rica,panama,cuba,puerto rico,greenland,malta,saudi arabia,"
    "united arab emirates,uae,qatar"
)

NO_TOWNS: Final = words(
    "i he she we they it you the this that these those my your his her our their please thanks thank and but or "
    "so if when where who what why how is are was were yes no not then there here a an at in on to for from by "
    "dear hello hi phone tel telephone mobile fax email mail name date subject re cc mr mrs ms miss dr prof sir "
    "madam monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december after before since while because although however also just can "
    "could would will should do does did have has had let call ask meet see note attention website www http https "
    "regards best sincerely"
)
"""Words with capital letters that are no part of a town's name."""

NO_NAMES: Final = words(
    "hour hours hr hrs day days night nights minute minutes min mins second seconds week weeks month months year "
    "years yr yrs mile miles foot feet ft inch inches metre metres meter meters km cm mm kg acre acres star stars "
    "percent per cent million billion thousand hundred dozen people person persons man men woman women child "
    "children kids guys girls boys players teams games points votes goals runs wins times bedroom bedrooms bed "
    "beds bath baths door way ways step steps tip tips reason reasons thing things top best more most other "
    "others january february march april may june july august september october november december jan feb mar apr "
    "jun jul aug sep sept oct nov dec am pm a.m p.m bc ad bce ce gb mb tb ghz mhz hz hp mph kmh usd eur gbp "
    "dollars dollar euros euro pounds cents yuan rupees i he she we they it you and or of in on at to for from by "
    "with is are was were be been has have had do does did will would can could should might must not no if then "
    "else as than that this these those there here when where which who what why how all any both each every few "
    "many much some such only own same so too very just but because until while about against between into "
    "through during before after above below up down out off over under again further once a an my your his her "
    "its our their songs tracks episodes chapters pages lines rows columns items degrees grand ounces lbs lb oz g "
    "ml cups cup tablespoons teaspoons"
)
"""Words that stand behind a number and make a count, a time or a measure of it."""

NO_PARTS: Final = words(
    "i he she we they it you is are was were be been has have had do does did will would can could should might "
    "must not if then else as than that this these those there here when where which who what why how all both "
    "each every for with by from at to in the your my his her its our their"
)
"""Words that stand nowhere in the name of a street, but for the and in behind another small word."""

NO_COURTS: Final = words(
    "supreme high district county circuit appeals appeal appellate federal superior criminal civil crown "
    "constitutional tennis basketball volleyball squash food municipal state family juvenile bankruptcy chancery "
    "magistrates royal spanish german french justice international"
)
"""What courts are called that are no streets."""

NO_DRIVES: Final = words(
    "hard test flash disk disc google pen thumb tape usb optical wheel blood food membership ssd floppy cd dvd "
    "external network four-wheel two-wheel backup solid-state zip memory"
)
"""What drives are called that are no streets."""

MONTHS: Final = words(
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec"
)
"""Months, in full and cut short."""

BEFORE_YEARS: Final = words(
    "in since by until till from of during around about circa ca c before after early late mid and to between the "
    "season spring summer fall autumn winter year copyright through under"
)
"""Words behind which four digits are a year."""

BEFORE_OTHERS: Final = words(
    "chapter section version season episode figure fig table page pages part volume vol stage phase step act "
    "scene book track week day grade class group team type model series gate exit terminal platform line bus tram "
    "train flight question item article rule law lesson test round game match war formula iphone xbox covid the "
    "best first last next these those all every over than only about approximately almost nearly least most "
    "another some have has had get got getting need needs want wants with channel route interstate highway top "
    "apollo windows boeing fortune verse psalm studio area agent appendix hour minute score age aged won "
    "lost drew between plus minus times scored made make played wrote reads read list name write give me us show"
)
"""Words behind which a number counts something, or numbers something that is no house."""

BEFORE_HOUSES: Final = words(
    "at to on near from by in of is was address outside opposite behind off visit visiting via and or into "
    "towards toward past inside beside across live lives lived living located situated residing resides leaving "
    "leave reach called bought sold buy sell house home office flat apartment property shop store restaurant "
    "clinic hotel farm shipped delivered sent send return headquarters premises around re"
)
"""Words behind which a number begins an address."""

GOES_ON: Final = words(
    "for and by before on with in to at near after this last from between or where is has was until next since which"
)
"""What a sentence goes on with behind a town."""

ANY: Final = frozenset(
    written for word in STREETS | VAGUE | NUMBERED | ALONE | BEFORE_NAME | APART for written in (word, f"{word}.")
)
"""Words of which one stands in the name of nearly every street, with a full stop or without."""

OTHER_ADDRESSES: Final = words(
    "ip ipv4 ipv6 email e-mail mac web website url wallet memory network http bitcoin host server contract inaugural "
    "opening keynote radio block virtual return reply smtp btc eth gateway base start public private"
)
"""What stands before the word address where it is the address of something on a network, or a speech."""
